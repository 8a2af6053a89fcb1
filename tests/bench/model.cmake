# SPDX-License-Identifier: LGPL-2.1-or-later
# By hand, from a release build: bench-xml tests/data/domain-xml/virt-install-*.xml
pkg_check_modules(LIBVIRT IMPORTED_TARGET libvirt)
if(LIBVIRT_FOUND)
    add_executable(bench-xml ${CMAKE_CURRENT_SOURCE_DIR}/bench/xml.c)
    target_link_libraries(bench-xml PRIVATE hvkit-model hvkit-base PkgConfig::LIBVIRT)
endif()
