# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to say when a whole call of a module could not be made: whose nodes it was about, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.calls.authorization_errors import Explainer
from .._aws.calls.aws_error import AwsError
from .._aws.calls.clients import ClientFactory
from .._aws.calls.error_codes import is_table_missing
from .._core.lifecycle.takeover import command_of
from .._core.model.commands import Command, Reach
from .._core.model.record import Choices, Rerun
from .._reconcile.context.failures import aws_message
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
    module: str, params: Mapping[str, Any], error: AwsError, *, client_factory: ClientFactory, reach: Reach
) -> dict[str, Any]:
    """Describe an error of AWS that kept a module from its work, as arguments of fail_json."""
    playbook = PLAYBOOKS.get(module) or params.get("operation") or STATES.get(params.get("state") or "", "resume")
    given = params.get("name") or ()
    names = (given,) if isinstance(given, str) else tuple(given)
    message = aws_message(error, playbook=playbook, explainer=Explainer(client_factory))
    command = Command(playbook="setup") if is_table_missing(error) else _next_command(module, playbook, names, params)
    about = f"{','.join(names)}: " if names else ""
    text = command.text(reach) if command else None
    next_step = f"Next: {text}" if text else "Then run the same playbook, or this task, again."
    return {
        "msg": f"{about}{message} {next_step}",
        "code": error.code,
        "action": error.action,
        "next_command": text,
    }


def _next_command(module: str, playbook: str, names: tuple[str, ...], params: Mapping[str, Any]) -> Command | None:
    """Compose the command of a playbook that does what the module was called for; None where it is not known."""
    if not names or params.get("operation_id") or playbook in ("config", "info", "report", "watch"):
        return None
    if module == "stateful_node_rebuild":
        return Command(playbook=playbook, names=names, variables={"repair_rebuild": "true"})
    if module == "stateful_node_adopt":
        kind = "instance_id" if params["instance_id"] else "network_interface_id"
        return Command(playbook=playbook, names=names, variables={f"adopt_{kind}": params[kind]})
    if module == "stateful_node_operation":
        choices = Choices(**{option: params[option] for option in OPTIONS_OF[playbook]})
        return command_of(",".join(names), playbook, choices, rerun=Rerun(**(params["rerun"] or {})))
    return Command(playbook=playbook, names=names)
