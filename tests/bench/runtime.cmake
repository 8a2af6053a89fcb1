# SPDX-License-Identifier: LGPL-2.1-or-later
foreach(room lane:hvkit-loop child:hvkit-runtime store:hvkit-runtime)
    string(REPLACE ":" ";" room ${room})
    list(GET room 0 name)
    list(GET room 1 library)
    add_executable(bench-${name} bench/${name}.c)
    target_link_libraries(bench-${name} PRIVATE ${library})
endforeach()
