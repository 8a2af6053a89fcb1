# SPDX-License-Identifier: LGPL-2.1-or-later
# Drivers to find, most of them bad, and the tests that look at them.
set(FIXTURES ${CMAKE_BINARY_DIR}/tests/fixtures)

# registry_fixture(FILE ID DEFINITIONS...): FIXTURES/FILE.so
function(registry_fixture file id)
    add_library(fixture-${file} MODULE unit/registry/driver.c)
    set_target_properties(fixture-${file} PROPERTIES PREFIX "" OUTPUT_NAME ${file}
                          LIBRARY_OUTPUT_DIRECTORY ${FIXTURES})
    target_compile_definitions(fixture-${file} PRIVATE FIXTURE_ID="${id}" ${ARGN})
    target_link_libraries(fixture-${file} PRIVATE hvkit-headers)
    list(APPEND fixtures fixture-${file})
    set(fixtures ${fixtures} PARENT_SCOPE)
endfunction()

registry_fixture(good good)
registry_fixture(rival rival FIXTURE_SCHEMES="good")
registry_fixture(wide wide FIXTURE_SCHEMES="good\ wide")
registry_fixture(probing probing FIXTURE_PROBES)
registry_fixture(eager eager FIXTURE_PROBES)
registry_fixture(symbol symbol hvk_driver_v1=hvk_driver_v0)
registry_fixture(table table FIXTURE_LACKS_TABLE)
registry_fixture(disagree disagree FIXTURE_DISAGREES)
registry_fixture(unresolved unresolved FIXTURE_CALLS_ABSENT)
# The note has to survive what release builds do to what nothing refers to.
registry_fixture(lean lean)
target_compile_options(fixture-lean PRIVATE -O2 -flto -ffunction-sections -fdata-sections)
target_link_options(fixture-lean PRIVATE -O2 -flto -Wl,--gc-sections)
add_custom_command(TARGET fixture-lean POST_BUILD COMMAND ${CMAKE_STRIP} $<TARGET_FILE:fixture-lean>)
# Without anything of hvkit.
add_library(fixture-plain MODULE unit/registry/plain.c)
set_target_properties(fixture-plain PROPERTIES PREFIX "" OUTPUT_NAME plain
                      LIBRARY_OUTPUT_DIRECTORY ${FIXTURES})
list(APPEND fixtures fixture-plain)
# Linked into the test itself.
add_library(fixture-static STATIC unit/registry/driver.c)
target_compile_definitions(fixture-static PRIVATE HVK_DRIVER_STATIC=still FIXTURE_ID="still")
target_link_libraries(fixture-static PRIVATE hvkit-headers)

add_library(registry-test-support STATIC unit/registry/fixture.c)
target_include_directories(registry-test-support PUBLIC unit/registry)
target_compile_definitions(registry-test-support PRIVATE FIXTURES="${FIXTURES}")
target_link_libraries(registry-test-support PUBLIC hvkit-base)

# What a test starts set-uid.
add_executable(registry-inspect unit/registry/inspect.c)
target_link_libraries(registry-inspect PRIVATE hvkit-registry)
set_target_properties(registry-inspect PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${FIXTURES}/..)

foreach(test uri config)
    hvkit_unit_test(${test} hvkit-registry registry-test-support)
endforeach()
foreach(test note registry handshake)
    hvkit_unit_test(${test} hvkit-registry registry-test-support)
    add_dependencies(test-${test} ${fixtures})
endforeach()
target_link_libraries(test-handshake PRIVATE fixture-static)
add_dependencies(test-registry registry-inspect)
target_compile_definitions(test-registry PRIVATE INSPECT="${FIXTURES}/../registry-inspect")
