# SPDX-License-Identifier: LGPL-2.1-or-later
# The running half of libhvkit, driven through the public functions against a driver of the tests.
hvkit_unit_test(values hvkit-base)
if(TARGET hvkit)
    add_library(hvkit-test-rack OBJECT unit/core/rack.c)
    target_include_directories(hvkit-test-rack PRIVATE ${LTDL_INCLUDE_DIR})
    target_link_libraries(hvkit-test-rack PUBLIC hvkit ${LTDL_LIBRARY} PRIVATE PkgConfig::CMOCKA)
    find_package(Threads REQUIRED)
    foreach(test core_answers core_calls core_events core_streams core_stress)
        hvkit_unit_test(${test} hvkit-test-rack hvkit Threads::Threads)
        set_tests_properties(unit/${test} PROPERTIES LABELS "unit;threads")
    endforeach()
endif()
