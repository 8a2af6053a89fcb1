# SPDX-License-Identifier: LGPL-2.1-or-later
# What an installation offers to builders: the public headers, the SDK (headers and static libraries
# for drivers, under include/hvkit-sdk, so that "base/x.h" reads the same inside and outside), a CMake
# package and pkg-config files. All of it finds the rest relative to itself.
include(CMakePackageConfigHelpers)

set(HVKIT_SDK_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR}/hvkit-sdk)
set(HVKIT_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/hvkit)
set(HVKIT_PKGCONFIGDIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
cmake_path(SET prefix ${CMAKE_INSTALL_PREFIX})
cmake_path(RELATIVE_PATH prefix BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
           OUTPUT_VARIABLE HVKIT_PKGCONFIG_TO_PREFIX)

# Headers: written by hand, then generated. Those of hvkit-private stay in the build.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/hvkit ${HVKIT_GENERATED}/include/hvkit
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/base DESTINATION ${HVKIT_SDK_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN method.h EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/sdk/runtime/store.h ${PROJECT_SOURCE_DIR}/sdk/runtime/child.h
              ${PROJECT_SOURCE_DIR}/sdk/runtime/cgroup.h
        DESTINATION ${HVKIT_SDK_INCLUDEDIR}/runtime)

# The manual pages written by hand. A page of several functions is found by the name of each.
file(GLOB HVKIT_PAGES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.[1-9])
foreach(page IN LISTS HVKIT_PAGES)
    get_filename_component(name ${page} NAME_WLE)
    get_filename_component(section ${page} LAST_EXT)
    string(SUBSTRING ${section} 1 -1 section)
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    file(STRINGS ${page} twins REGEX "^\\.Nm hvk_[a-z_]+ ?,?$")
    foreach(twin IN LISTS twins)
        string(REGEX REPLACE "^\\.Nm (hvk_[a-z_]+).*" "\\1" twin ${twin})
        if(NOT twin STREQUAL name)
            file(CONFIGURE OUTPUT man/${twin}.${section} CONTENT ".so man${section}/${name}.${section}\n")
            install(FILES ${PROJECT_BINARY_DIR}/man/${twin}.${section}
                    DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
        endif()
    endforeach()
endforeach()

# hvkit_export(SET NAME TARGET): TARGET becomes hvkit::NAME of one component of the package.
function(hvkit_export set name target)
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS ${target} EXPORT ${set} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

hvkit_export(hvkitTargets headers hvkit-headers)
hvkit_export(hvkitTargets hvkit hvkit)
hvkit_export(hvkitSdkTargets sdk-base hvkit-base)
hvkit_export(hvkitSdkTargets sdk-runtime hvkit-runtime)
set(sets hvkitTargets hvkitSdkTargets)
if(TARGET hvkit-model)
    hvkit_export(hvkitModelTargets sdk-model hvkit-model)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/model DESTINATION ${HVKIT_SDK_INCLUDEDIR}
            FILES_MATCHING PATTERN "*.h")
    list(APPEND sets hvkitModelTargets)
endif()
foreach(set IN LISTS sets)
    install(EXPORT ${set} NAMESPACE hvkit:: DESTINATION ${HVKIT_CMAKEDIR})
endforeach()

configure_package_config_file(cmake/hvkitConfig.cmake.in hvkitConfig.cmake
                              INSTALL_DESTINATION ${HVKIT_CMAKEDIR} PATH_VARS HVKIT_DRIVER_DIR)
write_basic_package_version_file(hvkitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hvkitConfig.cmake ${PROJECT_BINARY_DIR}/hvkitConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/hvkitDriver.cmake
        DESTINATION ${HVKIT_CMAKEDIR})
foreach(module hvkit hvkit-sdk hvkit-model)
    configure_file(cmake/${module}.pc.in ${module}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${module}.pc DESTINATION ${HVKIT_PKGCONFIGDIR})
endforeach()
