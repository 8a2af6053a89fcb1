# SPDX-License-Identifier: LGPL-2.1-or-later
hvkit_unit_test(base hvkit-base)
hvkit_unit_test(error hvkit-base)
hvkit_unit_test(lane hvkit-loop)
hvkit_unit_test(lane_stress hvkit-loop)
hvkit_unit_test(loop hvkit-loop)
hvkit_unit_test(child hvkit-runtime)
hvkit_unit_test(store hvkit-runtime)
hvkit_unit_test(cgroup hvkit-runtime)
