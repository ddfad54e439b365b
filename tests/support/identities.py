# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identities from a flat list of what matters to a test; the values within are made for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import (
    Identity,
    RecordedElasticIp,
    RecordedInstance,
    RecordedInterface,
)

OF_INTERFACE = {field.name: field.name for field in fields(RecordedInterface)} | {
    "created_at": "network_interface_created_at"
}
OF_ELASTIC_IP = {field.name: field.name for field in fields(RecordedElasticIp)}
OF_INSTANCE = {field.name: field.name for field in fields(RecordedInstance)} | {
    "generation": "instance_generation",
    "launched_at": "instance_launched_at",
}
"""By the field of the value: what it is called here."""


def make_identity_of(before: Identity | None = None, **given: Any) -> Identity:
    """Make an identity of the given fields, or change those of one.

    Beside its own fields an identity takes those of its interface, its Elastic IP and its instance, the latter as
    `instance_generation` and `instance_launched_at`; an id of None takes the value away.
    """
    before = before or Identity()
    if address := given.pop("private_ip_address", None):
        secondary = given.get("private_ip_addresses", before.private_ip_addresses)[1:]
        given["private_ip_addresses"] = (address, *secondary)
    parts = {
        "interface": _part(RecordedInterface, before.interface, OF_INTERFACE, given),
        "elastic_ip": _part(RecordedElasticIp, before.elastic_ip, OF_ELASTIC_IP, given),
        "instance": _part(RecordedInstance, before.instance, OF_INSTANCE, given),
    }
    if previous := given.pop("previous_instance_id", None):
        given["previous_instance"] = RecordedInstance(instance_id=previous)
    if left := given.pop("previous_network_interface_id", None):
        given["previous_interface"] = RecordedInterface(network_interface_id=left)
    return replace(before, **{**parts, **given})


def _part(kind: type, before: Any, names: dict[str, str], given: dict[str, Any]) -> Any:
    id_field = fields(kind)[0].name
    changes = {field: given.pop(name) for field, name in names.items() if name in given}
    if changes.get(id_field, getattr(before, id_field, None)) is None:
        return None
    return replace(before, **changes) if before else kind(**changes)
