# SPDX-License-Identifier: LGPL-2.1-or-later
add_executable(bench-lane bench/lane.c)
target_link_libraries(bench-lane PRIVATE hvkit-loop)
