# SPDX-License-Identifier: LGPL-2.1-or-later
# The running half of libhvkit: what carries calls to drivers and events back.
find_package(Threads REQUIRED)
set(CORE_SOURCES call.c composed_domain.c connection.c content.c core.c dispatch.c event.c fallback_firmware.c
    fallback_memory.c fallback_node.c host.c
    job.c node.c object.c publish.c published_domain.c request.c reserve.c results.c route.c
    services.c session_answers.c source.c state.c stream.c
    watch.c)
list(APPEND SOURCES ${CORE_SOURCES})
list(APPEND LIBRARIES Threads::Threads)
