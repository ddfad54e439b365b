# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""moto's backends, emptied.

core/base_backend.py BackendDict.reset builds every backend anew before it throws it away, and forgets the list of
regions, which is slow to find: 0.4 s. A backend that is only forgotten is made again by the next call that needs it.
"""

from __future__ import annotations

from moto.core.base_backend import BackendDict


def forget_backends() -> None:
    for backend in BackendDict._instances:  # type: ignore[misc]
        for account in backend.values():
            account.clear()
