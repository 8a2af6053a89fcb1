# SPDX-License-Identifier: LGPL-2.1-or-later
# hvkit_add_driver(ID SOURCES... [LIBRARIES ...]): a driver plugin ID.so, target ID-driver, installed
# into lib/hvkit/drivers under the prefix. Only what HVK_EXPORT marks is exported, and a symbol that
# nothing defines is an error when the driver is linked rather than when it is loaded.
function(hvkit_add_driver id)
    cmake_parse_arguments(DRIVER "" "" "SOURCES;LIBRARIES" ${ARGN})
    if(NOT DRIVER_SOURCES)
        message(FATAL_ERROR "hvkit_add_driver(${id}): SOURCES are missing")
    endif()
    include(GNUInstallDirs)
    add_library(${id}-driver MODULE ${DRIVER_SOURCES})
    set_target_properties(${id}-driver PROPERTIES PREFIX "" OUTPUT_NAME ${id}
                          C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden)
    target_link_libraries(${id}-driver PRIVATE hvkit::headers ${DRIVER_LIBRARIES})
    target_link_options(${id}-driver PRIVATE LINKER:-z,defs)
    install(TARGETS ${id}-driver LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/hvkit/drivers)
endfunction()
