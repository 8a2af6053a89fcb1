# SPDX-License-Identifier: LGPL-2.1-or-later
# What every target shares: the dialect, the warnings, the sanitizer, and the way a driver is built.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON) # for ci/check-tidy
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(HVKIT_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
option(HVKIT_WERROR "treat warnings as errors" OFF)

set(HVKIT_DRIVER_DIR ${CMAKE_INSTALL_LIBDIR}/hvkit/drivers)
# The build tree has the layout of an installation, so that relative look-ups work in it too.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/stage/${CMAKE_INSTALL_BINDIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/stage/${CMAKE_INSTALL_LIBDIR})
set(HVKIT_STAGE_DRIVERS ${CMAKE_BINARY_DIR}/stage/${HVKIT_DRIVER_DIR})
set(HVKIT_GENERATED ${CMAKE_BINARY_DIR}/generated)
set(CMAKE_INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})

add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
                    -Wpointer-arith -Wwrite-strings -fno-strict-aliasing)
add_compile_definitions(_GNU_SOURCE)
if(HVKIT_WERROR)
    add_compile_options(-Werror)
endif()
if(HVKIT_SANITIZE)
    add_compile_options(-fsanitize=${HVKIT_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${HVKIT_SANITIZE})
endif()

# hvkit_driver(ID SOURCES... [LIBRARIES ...]): a driver plugin, ID.so in the driver directory.
function(hvkit_driver id)
    cmake_parse_arguments(DRIVER "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_library(hvkit-driver-${id} MODULE ${DRIVER_SOURCES})
    set_target_properties(hvkit-driver-${id} PROPERTIES PREFIX "" OUTPUT_NAME ${id}
                          LIBRARY_OUTPUT_DIRECTORY ${HVKIT_STAGE_DRIVERS})
    target_include_directories(hvkit-driver-${id} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(hvkit-driver-${id} PRIVATE ${DRIVER_LIBRARIES} hvkit-base)
    install(TARGETS hvkit-driver-${id} LIBRARY DESTINATION ${HVKIT_DRIVER_DIR})
endfunction()
