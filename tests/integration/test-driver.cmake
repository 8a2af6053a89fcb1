# SPDX-License-Identifier: LGPL-2.1-or-later
# The test driver, through libhvkit's public functions.
if(TARGET hvkit AND TARGET hvkit-driver-test)
    find_package(Threads REQUIRED)
    pkg_check_modules(LIBVIRT IMPORTED_TARGET libvirt)
    add_library(hvkit-test-driver-lab OBJECT integration/test_driver.c)
    target_link_libraries(hvkit-test-driver-lab PUBLIC hvkit PkgConfig::CMOCKA Threads::Threads)
    foreach(name life config device save node console guest inject race libvirt)
        add_executable(test-driver-${name} integration/test_driver_${name}.c)
        target_link_libraries(test-driver-${name} PRIVATE hvkit-test-driver-lab hvkit PkgConfig::CMOCKA
                              Threads::Threads)
        add_dependencies(test-driver-${name} hvkit-driver-test)
        add_test(NAME integration/test-driver-${name} COMMAND test-driver-${name})
        set_tests_properties(integration/test-driver-${name} PROPERTIES TIMEOUT 120 LABELS integration
                             SKIP_RETURN_CODE 77)
    endforeach()
    foreach(name life console inject race)
        set_tests_properties(integration/test-driver-${name} PROPERTIES LABELS "integration;threads")
    endforeach()
    target_compile_definitions(test-driver-libvirt PRIVATE
                               DOMAIN_XML="${CMAKE_CURRENT_SOURCE_DIR}/data/domain-xml")
    if(LIBVIRT_FOUND)
        target_link_libraries(test-driver-libvirt PRIVATE PkgConfig::LIBVIRT)
    else()
        target_compile_definitions(test-driver-libvirt PRIVATE WITHOUT_LIBVIRT)
    endif()
endif()
