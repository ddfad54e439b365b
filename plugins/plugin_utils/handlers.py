# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module does, by its name, so that a module can be run without a process of its own."""

from __future__ import annotations

from ..module_utils._module.call import Handler
from ..module_utils._module.handlers import (
    handle_adopt,
    handle_config,
    handle_events,
    handle_history,
    handle_info,
    handle_operation,
    handle_orphans,
    handle_rebuild,
    handle_steps,
)

HANDLERS: dict[str, Handler] = {
    "stateful_node_config": handle_config.handle,
    "stateful_node_adopt": handle_adopt.handle,
    "stateful_node_eni": handle_steps.handle_eni,
    "stateful_node_eip": handle_steps.handle_eip,
    "stateful_node_instance": handle_steps.handle_instance,
    "stateful_node_operation": handle_operation.handle,
    "stateful_node_info": handle_info.handle,
    "stateful_node_events": handle_events.handle,
    "stateful_node_history_info": handle_history.handle,
    "stateful_node_orphans": handle_orphans.handle,
    "stateful_node_rebuild": handle_rebuild.handle,
}
