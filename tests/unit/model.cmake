# SPDX-License-Identifier: LGPL-2.1-or-later
foreach(name model_tables)
    hvkit_unit_test(${name} hvkit-model hvkit-base)
    target_compile_definitions(test-${name} PRIVATE
        DOMAIN_XML_DIR="${CMAKE_CURRENT_SOURCE_DIR}/data/domain-xml")
endforeach()
