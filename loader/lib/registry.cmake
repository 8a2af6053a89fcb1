# SPDX-License-Identifier: LGPL-2.1-or-later
# The finding half of libhvkit: what reads notes, decides and loads. As a library of its own for its
# tests, which need nothing of the running half.
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
find_library(LTDL_LIBRARY ltdl REQUIRED)
find_path(LTDL_INCLUDE_DIR ltdl.h REQUIRED)
find_package(Threads REQUIRED)

set(HVKIT_CONFIG_DIRECTORY /etc/hvkit CACHE PATH "where hvkit.conf and drivers.d/ are")
set(REGISTRY_SOURCES note.c identity.c trust.c settings.c config.c policy.c module.c scan.c decide.c
    handshake.c registry.c
    listing.c uri.c)
add_library(hvkit-registry OBJECT ${REGISTRY_SOURCES})
target_compile_definitions(hvkit-registry PRIVATE
    HVKIT_CONFIG_DIRECTORY="${HVKIT_CONFIG_DIRECTORY}")
target_include_directories(hvkit-registry PRIVATE ${LTDL_INCLUDE_DIR})
target_include_directories(hvkit-registry INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(hvkit-registry PUBLIC hvkit-base PkgConfig::ELF ${LTDL_LIBRARY} Threads::Threads
    ${CMAKE_DL_LIBS})

list(APPEND SOURCES $<TARGET_OBJECTS:hvkit-registry>)
list(APPEND LIBRARIES PkgConfig::ELF ${LTDL_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS})
