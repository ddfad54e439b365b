# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waits: changes of the configuration that a resume, a replace or a change of address would bring about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..configuration.options import public_config
from ..model.config import Config
from ..model.observed import Observed
from ..model.record import Record
from ..plan.differences import find_differences
from ..plan.plan_address_change import keeps_interface
from ..plan.plan_elastic_ip import wanted_allocation_id
from ..plan.plan_interface import wants_assigned_public_ip

UNLESS_GIVEN = public_config(Config(subnet_id=""))["launch"]
"""What holds for each option of launch that is not given."""

WaitsFor = Literal["resume", "replace", "address_change"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """One option that the node does not have as configured yet."""

    option: str
    current: Any
    wanted: Any
    #: The operation that brings it about.
    waits_for: WaitsFor
    #: The extra var that the operation's playbook has to be given as well, as `replace_allow_address_change=true`.
    give: str | None = None


def find_pending(record: Record, observed: Observed) -> tuple[Pending, ...]:
    """List what waits. What EC2 does not show, as in an empty `observed`, is judged by the record alone.

    A node that was never brought up has nothing that could be changed: its first resume makes all of it.
    """
    if record.desired is None and not record.identity.network_interface_id:
        return ()
    return (
        *_address(record, observed),
        *_interface(record, observed),
        *_elastic_ip(record, observed),
        *_public_ip(record),
        *_launch(record, observed),
    )


def _has_instance(record: Record, observed: Observed) -> bool:
    """Whether an instance has to be replaced first; one that EC2 does not show is taken to run."""
    if not record.identity.instance_id:
        return False
    return observed.instance is None or observed.instance.is_live


def _address(record: Record, observed: Observed) -> Iterator[Pending]:
    config, identity = record.config, record.identity
    operation = "replace" if _has_instance(record, observed) else "resume"
    waits_for: WaitsFor = "address_change"
    give: str | None = f"{operation}_allow_address_change=true"
    if not keeps_interface(config):
        # Such a node gets another interface with each instance, without being asked.
        waits_for = "replace" if operation == "replace" else "resume"
        give = None
    for option in ("private_ip_address", "subnet_id"):
        current, wanted = getattr(identity, option), getattr(config, option)
        if current and wanted and wanted != current:
            yield Pending(option=option, current=current, wanted=wanted, waits_for=waits_for, give=give)


def _interface(record: Record, observed: Observed) -> Iterator[Pending]:
    for difference in find_differences(record, observed):
        if difference.is_edited:
            yield Pending(
                option=difference.option,
                current=difference.current,
                wanted=difference.wanted,
                waits_for="resume",
            )


def _elastic_ip(record: Record, observed: Observed) -> Iterator[Pending]:
    """Compare with the address that the node was given. One that was moved away since is a drift."""
    config, identity = record.config, record.identity
    if not identity.network_interface_id:
        return
    current = identity.allocation_id if identity.association_id else None
    wanted = wanted_allocation_id(replace(record, operation=None))
    if current != wanted or (current is None and config.elastic_ip):
        yield Pending(option="elastic_ip", current=current, wanted=config.elastic_ip, waits_for="resume")
        return
    address = observed.address
    place = config.elastic_ip_private_ip_address or identity.private_ip_address
    is_own = address is not None and address.network_interface_id == identity.network_interface_id
    if wanted and address and is_own and address.private_ip_address not in (None, place):
        yield Pending(
            option="elastic_ip_private_ip_address",
            current=address.private_ip_address,
            wanted=place,
            waits_for="resume",
        )


def _public_ip(record: Record) -> Iterator[Pending]:
    """Compare whether EC2 assigns a public address. EC2 does not show that, so that it can only be the record's."""
    config, identity = record.config, record.identity
    interface = identity.interface
    wanted = wants_assigned_public_ip(replace(record, operation=None))
    if interface is None or config.elastic_ip or wanted == interface.associate_public_ip_address:
        return
    current = "enabled" if interface.associate_public_ip_address else "disabled"
    yield Pending(
        option="public_ip_assignment", current=current, wanted=config.public_ip_assignment, waits_for="resume"
    )


def _launch(record: Record, observed: Observed) -> Iterator[Pending]:
    config, identity = record.config, record.identity
    if identity.instance is None:
        return
    waits_for: WaitsFor = "replace" if _has_instance(record, observed) else "resume"
    has = "prelaunch" if identity.device_index else "terminate"
    if has != config.handover:
        yield Pending(option="handover", current=has, wanted=config.handover, waits_for=waits_for)
    # An instance may have been launched before an option was known.
    launched = identity.instance.launch and {**UNLESS_GIVEN, **identity.instance.launch}
    for option, wanted in public_config(config)["launch"].items() if launched else ():
        if wanted != launched.get(option):
            yield Pending(option=f"launch.{option}", current=launched.get(option), wanted=wanted, waits_for=waits_for)
