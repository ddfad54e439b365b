# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to say when a whole call of a module could not be made: whose nodes it was about, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.clients import ClientFactory
from .._aws.errors import AwsError, is_table_missing
from .._aws.refusals import Explainer
from .._core.leases import finishing_options, playbook_command, setup_command
from .._core.record import Choices
from .._reconcile.failures import aws_message
from .arguments import OPTIONS_OF

PLAYBOOKS = {
    "stateful_node_adopt": "adopt",
    "stateful_node_config": "config",
    "stateful_node_events": "watch",
    "stateful_node_history_info": "report",
    "stateful_node_info": "info",
    "stateful_node_orphans": "orphans",
    "stateful_node_rebuild": "repair",
}
STATES = {"terminated": "pause", "absent": "delete"}
"""The playbook whose policy a module needs, by its name or else by its state."""


def whole_call_failure(
    module: str, params: Mapping[str, Any], error: AwsError, client_factory: ClientFactory
) -> dict[str, Any]:
    """Describe an error of AWS that kept a module from its work, as arguments of fail_json."""
    playbook = PLAYBOOKS.get(module) or params.get("operation") or STATES.get(params.get("state") or "", "resume")
    given = params.get("name") or ()
    names = given if isinstance(given, str) else ",".join(given)
    message = aws_message(error, playbook=playbook, explainer=Explainer(client_factory))
    making = setup_command(params["table_name"]) if is_table_missing(error) else None
    command = making or _next_command(module, playbook, names, params)
    about = f"{names}: " if names else ""
    next_step = f"Next: {command}" if command else "Then run the same playbook, or this task, again."
    return {
        "msg": f"{about}{message} {next_step}",
        "code": error.code,
        "action": error.action,
        "next_command": command,
    }


def _next_command(module: str, playbook: str, names: str, params: Mapping[str, Any]) -> str | None:
    """Compose the command of a playbook that does what the module was called for; None where it is not known."""
    table = params["table_name"]
    if not names or params.get("operation_id") or playbook in ("config", "info", "report", "watch"):
        return None
    more: tuple[str, ...] = ()
    if module == "stateful_node_rebuild":
        more = ("-e repair_rebuild=true",)
    elif module == "stateful_node_adopt":
        kind = "instance_id" if params["instance_id"] else "network_interface_id"
        more = (f"-e adopt_{kind}={params[kind]}",)
    elif module == "stateful_node_operation":
        choices = Choices(**{option: params[option] for option in OPTIONS_OF[playbook]})
        more = finishing_options(names, playbook, choices)
    return playbook_command(playbook, names, table, *more)
