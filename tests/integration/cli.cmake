# SPDX-License-Identifier: LGPL-2.1-or-later
# The command, as a process. Tests that need a node use the test driver's.
if(TARGET hvkit-command)
    set(cli_tests help)
    if(TARGET hvkit-driver-test)
        list(APPEND cli_tests completion verbs edit shell virsh)
        foreach(name console signals)
            add_executable(test-cli-${name} integration/cli_${name}.c integration/cli_terminal.c)
            target_link_libraries(test-cli-${name} PRIVATE PkgConfig::CMOCKA util)
            add_test(NAME integration/cli-${name} COMMAND test-cli-${name} $<TARGET_FILE:hvkit-command>)
            set_tests_properties(integration/cli-${name} PROPERTIES TIMEOUT 120 LABELS integration
                ENVIRONMENT LSAN_OPTIONS=print_suppressions=0:suppressions=${CMAKE_CURRENT_SOURCE_DIR}/integration/cli_libedit.supp)
        endforeach()
    endif()
    foreach(name IN LISTS cli_tests)
        add_test(NAME integration/cli-${name}
                 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/integration/cli_${name}.sh $<TARGET_FILE:hvkit-command>)
        set_tests_properties(integration/cli-${name} PROPERTIES TIMEOUT 120 LABELS integration SKIP_RETURN_CODE 77)
    endforeach()
    if(TARGET hvkit-driver-qemu)
        add_test(NAME integration/cli-guest
                 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/integration/cli_guest.sh $<TARGET_FILE:hvkit-command>
                         ${PROJECT_SOURCE_DIR}/build/guest)
        set_tests_properties(integration/cli-guest PROPERTIES TIMEOUT 240 LABELS integration SKIP_RETURN_CODE 77
                             FIXTURES_REQUIRED qemu-guest)
    endif()
endif()
