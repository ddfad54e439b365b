# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -I -S launcher.py FILE COMMAND...` runs the command and writes what it cost into the file, as JSON.

A process of its own, and a small one: Linux counts the memory of the process that starts a program as the program's.
"""

import json
import os
import sys
import time

began = time.monotonic()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_pid, status, usage = os.wait4(pid, 0)  # tells what the children have used as well, those that were waited for
cost = {
    "status": os.waitstatus_to_exitcode(status),
    "wall": time.monotonic() - began,
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak_memory": 1024 * usage.ru_maxrss,
}
with open(sys.argv[1], "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is larger than all of this
    json.dump(cost, file)
