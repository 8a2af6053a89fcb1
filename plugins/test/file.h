/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test:///FILE.xml: a node as a document describes it, in the format of libvirt's test driver:
 *
 *   <node>
 *     <cpu><model>i986</model><mhz>6000</mhz><active>50</active> <nodes/> <sockets/> … </cpu>
 *     <memory>8192000</memory>                  KiB
 *     <domain type='test'>…</domain>            any number; they run unless they say otherwise
 *   </node>
 *
 * A domain may hold <runstate xmlns='http://libvirt.org/schemas/domain/test/1.0'>N</runstate>, N
 * being a number of enum hvk_domain_state. Networks, pools and what else such files hold is left
 * alone, with a warning. */
#ifndef HVKIT_TEST_FILE_H
#define HVKIT_TEST_FILE_H

#include "node.h"

#define FILE_SIZE_MAX (16u * 1024 * 1024)

bool file_load(struct hvk_call *call, struct test_node *node, const char *path);

#endif
