# SPDX-License-Identifier: LGPL-2.1-or-later
# The monitor's bytes, and saved domains. (Behind registry.cmake in the alphabet: it has the function.)
if(NOT TARGET hvkit-qemu-pure)
    return()
endif()
registry_fuzz(qmp SEEDS ${CORPUS}/qmp SOURCES plugins/qemu/qmp.c plugins/qemu/qmp_json.c
              plugins/qemu/qmp_splitter.c)
registry_fuzz(saved SEEDS ${CORPUS}/saved SOURCES plugins/qemu/save_file.c)
foreach(name qmp saved)
    target_include_directories(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR}/plugins/qemu)
    target_link_libraries(fuzz-${name} PRIVATE PkgConfig::JANSSON)
endforeach()
