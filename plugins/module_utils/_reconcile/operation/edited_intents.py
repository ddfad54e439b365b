# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An intent that an earlier run left is replayed only when it is what this collection would compose.

A stored intent holds the exact parameters of a call, and a record can be edited. The call is composed again from the
configuration that the intent was written for. Where that differs, the stored call is never made: what an earlier
attempt may have launched is found by its token, and the operation goes on with an intent of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..._aws.api.parameters import (
    allocate_address_parameters,
    network_interface_parameters,
    next_interface_parameters,
    run_instances_apart_parameters,
    run_instances_parameters,
)
from ..._core.model.record import Intent, Record
from ..._core.model.serialization import to_dict
from ..actions.launch_outcome import look_for_token, note_launch
from ..context.node import Node


async def drop_edited_intent(node: Node) -> None:
    """Drop the open intent if it is not as this collection composes it, once what it launched is found."""
    intent = node.record.intent
    if intent is None or intent is node.written or _is_as_composed(node, intent):
        return
    if intent.action == "RunInstances" and (launched := await look_for_token(node, intent)):
        await note_launch(node, intent, launched)
        if intent.role is None:
            node.observed = replace(node.observed, instance=launched, holder=launched)
        return
    await node.save(intent=None)
    node.warnings.append(
        f"{node.name}: the record holds a {intent.action} call of an interrupted run that is not what this collection "
        "composes: the record was edited, or another version wrote it. The call was not made. If it was made before, "
        "the playbook stateful_node.aws.orphans lists what it created."
    )


def _is_as_composed(node: Node, intent: Intent) -> bool:
    if intent.action.startswith("Assign"):
        return bool(intent.parameters.get("NetworkInterfaceId") == node.identity.network_interface_id)
    composed = _compose(node.context.table, node.record, intent)
    return composed is not None and to_dict(composed) == to_dict(intent.parameters)


def _compose(table: str, record: Record, intent: Intent) -> dict[str, Any] | None:
    """Compose the call of an intent again; None where the intent does not say from what."""
    if intent.config is None:
        return None
    then = replace(record, operation=None, config=intent.config)
    if intent.action == "AllocateAddress":
        return allocate_address_parameters(table, then, intent.token)
    if intent.action == "CreateNetworkInterface":
        compose_interface = next_interface_parameters if intent.role else network_interface_parameters
        return compose_interface(table, then, intent.number)
    if intent.candidate is None:
        return None
    is_apart = intent.role == "standby" or intent.config.handover == "prelaunch"
    compose_launch = run_instances_apart_parameters if is_apart else run_instances_parameters
    return compose_launch(table, then, intent.number, intent.candidate)
