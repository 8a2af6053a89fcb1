/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test:///FILE.xml: a node as a document describes it, in the format of libvirt's test driver:
 *
 *   <node>
 *     <cpu><model>i986</model><mhz>6000</mhz><active>50</active> <nodes/> <sockets/> … </cpu>
 *     <memory>8192000</memory>                  KiB
 *     <domain type='test'>…</domain>            any number; they run unless they say otherwise
 *   </node>
 *
 * A domain may say how it is found, in the namespace http://libvirt.org/schemas/domain/test/1.0:
 * <runstate> (a number of enum hvk_domain_state), <transient> and <hasManagedSave> (0 or 1).
 * Networks, pools and what else such files hold is left out, with a warning. */
#ifndef HVKIT_TEST_FILE_H
#define HVKIT_TEST_FILE_H

#include "node.h"

bool file_load(struct hvk_call *call, struct test_node *node, const char *path);

#endif
