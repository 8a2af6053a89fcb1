# SPDX-License-Identifier: LGPL-2.1-or-later
foreach(name model_device model_hostile model_libvirt model_parse model_tables)
    hvkit_unit_test(${name} hvkit-model hvkit-base)
    target_compile_definitions(test-${name} PRIVATE
        DOMAIN_XML_DIR="${CMAKE_CURRENT_SOURCE_DIR}/data/domain-xml")
endforeach()
# It lets allocations of the model fail, one after the other.
target_link_options(test-model_hostile PRIVATE
    -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)
