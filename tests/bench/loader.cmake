# SPDX-License-Identifier: LGPL-2.1-or-later
# By hand, from a release build; docs/TESTING.md says how.
add_executable(bench-startup bench/startup.c)
pkg_check_modules(LIBVIRT IMPORTED_TARGET libvirt)
if(TARGET hvkit AND LIBVIRT_FOUND)
    add_executable(bench-define-list bench/define_list.c)
    target_link_libraries(bench-define-list PRIVATE hvkit PkgConfig::LIBVIRT)
    if(TARGET hvkit-driver-test)
        add_dependencies(bench-define-list hvkit-driver-test)
    endif()
endif()
