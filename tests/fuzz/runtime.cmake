# SPDX-License-Identifier: LGPL-2.1-or-later
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
registry_fuzz(store SEEDS ${CORPUS}/store SOURCES sdk/runtime/store.c)
target_link_libraries(fuzz-store PRIVATE PkgConfig::ZLIB)
