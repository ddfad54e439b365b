# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating, changing and forgetting a node's record. Nothing in EC2 is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from ..._aws.api.async_store import AsyncStore
from ..._aws.api.store import Conflict
from ..._aws.lookups.reference_lookup import Lookup
from ..._core.configuration.address_rules import named_private_ip_addresses
from ..._core.configuration.lookups import AddressHolder, Facts, LaunchTemplateVersion, SecurityGroup, Zone
from ..._core.configuration.options import (
    ALLOCATION_ID,
    DEFAULT_GROUP,
    LAUNCH_TEMPLATE_ID,
    SECURITY_GROUP_ID,
    config_diff,
    merge_options,
    public_config,
    resolve,
)
from ..._core.configuration.validation import check_config, check_values
from ..._core.model.claims import Claim, addresses_of, claims_on
from ..._core.model.config import NEW_ADDRESS, Config, LaunchTemplate, Subnet
from ..._core.model.names import check_name
from ..._core.model.node_error import NodeError
from ..._core.model.observed import Address
from ..._core.model.record import Record
from ..._core.model.serialization import to_dict
from ..._core.resources.tagged import Tagged, id_of
from ..context.context import Context
from ..context.tagged_resources import read_tagged, still_unclaimed

ATTEMPTS = 3
"""How often a configuration is merged anew when somebody else changes it meanwhile."""

WITHDRAWN = (
    "This change was withdrawn. If the other one was withdrawn as well, configure the node that is to have the address "
    "once more."
)
NOT_WITHDRAWN = (
    "The record has been changed again since and was left as it is: configure another address for one of the nodes."
)

Options = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Configured:
    """What becomes of a record (None: there is none), and how that differs from what it was.

    `diff` has `before` and `after`, as Ansible's --diff takes them.
    """

    before: Record | None
    after: Record | None
    actions: tuple[dict[str, Any], ...] = ()
    diff: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.actions)


async def configure(context: Context, name: str, options: Options) -> Configured:
    """Give a node the configuration that the options of stateful_node_config ask for, or forget it.

    Raises NodeError when the options or AWS do not allow it (nothing is written then), AwsError when AWS fails.
    """
    for _attempt in range(ATTEMPTS):
        planned = await plan_configure(context, name, options)
        if await _write(planned, context.store):
            await _withdraw_if_claimed(context, planned)
            return planned
    raise NodeError(
        "ConfigConflict",
        f"{name}: its configuration was changed by somebody else {ATTEMPTS} times while this change was being made. "
        "Nothing was written: run it again.",
    )


async def plan_configure(context: Context, name: str, options: Options) -> Configured:
    """Say what configure would do. Reads the records and EC2, writes nothing; raises as configure does."""
    check_name(name)
    before = await context.store.get_one(name)
    if options.get("state") == "absent":
        return _plan_absent(name, before)
    if before is None:
        await context.store.check_holds_records()
    config, subnet = await _checked_config(context, name, before, options)
    if before is None:
        return _planned(name, None, Record(name=name, config=config, subnet=subnet))
    if (config, subnet) == (before.config, before.subnet):
        return Configured(before=before, after=before)
    after = replace(before, config=config, subnet=subnet, config_version=before.config_version + 1)
    return _planned(name, before, after)


async def _checked_config(
    context: Context, name: str, before: Record | None, options: Options
) -> tuple[Config, Subnet]:
    merged = merge_options(name, before.config if before else None, options)
    may_move = bool(options.get("allow_address_change"))
    check_values(name, before, merged, may_move=may_move)
    found = await context.executor.run(partial(look_up, merged, context.table, context.lookup))
    config = resolve(merged, found)
    remains = Tagged() if before else await find_remains_of(context, name)
    claims = await _find_claims(context, name, before, config)
    holder = await _find_other_holder(context, before, found.address)
    facts = replace(found, claims=claims, remains=_without_named(remains, config), address_holder=holder)
    check_config(name, before, config, facts, may_move=may_move)
    return config, cast("Subnet", facts.subnet)


async def find_remains_of(context: Context, name: str) -> Tagged:
    """Find what carries the tags of a node that has no record, and is in no other record either."""
    tagged = (await read_tagged(context, [name])).lasting
    return (await still_unclaimed(context, tagged, [])).of(name)


def _without_named(remains: Tagged, config: Config) -> Tagged:
    """Leave out an Elastic IP that is to be the node's: the new record does not lose it."""
    return remains.where(lambda thing: id_of(thing) != config.elastic_ip)


async def _find_other_holder(context: Context, before: Record | None, address: Address | None) -> AddressHolder | None:
    """Find the interface that has the Elastic IP, unless it is the node's own."""
    holder_id = address.network_interface_id if address else None
    own = before.identity.network_interface_id if before else None
    if holder_id in (None, own):
        return None
    return await context.executor.run(partial(context.lookup.find_holder, holder_id))


async def _find_claims(context: Context, name: str, before: Record | None, config: Config) -> tuple[Claim, ...]:
    """Find the claims of other records on addresses that the configuration has not named before."""
    known = addresses_of(before.config) if before else frozenset()
    named = addresses_of(config) - known
    if not named:
        return ()
    return claims_on(named, name, await context.store.claims())


async def _withdraw_if_claimed(context: Context, written: Configured) -> None:
    """Take a change back where another node was given one of its addresses at the same time.

    Each looks once its own record is written, so that at least one of the two sees the other. Raises NodeError then.
    """
    after = written.after
    if after is None or not written.changed:
        return
    claims = await _find_claims(context, after.name, written.before, after.config)
    if not claims:
        return
    is_withdrawn = await _take_back(written, context.store)
    taken = "; ".join(f"{claim.address[1]} {claim}" for claim in claims)
    raise NodeError(
        "AddressOfAnotherNode",
        f"{after.name}: {taken}, which was configured at the same time. {WITHDRAWN if is_withdrawn else NOT_WITHDRAWN}",
    )


async def _take_back(written: Configured, store: AsyncStore) -> bool:
    """Put the record back as it was before; False when somebody has changed it since."""
    before = written.before
    after = cast("Record", written.after)
    try:
        if before is None:
            await store.forget(after)
        else:
            await store.write_config(after, before.config, before.subnet)
    except Conflict:
        return False
    return True


def look_up(config: Config, table_name: str, lookup: Lookup) -> Facts:
    """Ask EC2 about everything that a configuration names; references may still be names."""
    found = lookup.find_subnet(config.subnet_id)
    zone = lookup.find_zone(found.subnet.availability_zone) if found and config.elastic_ip else None
    addresses = [address for _option, address in named_private_ip_addresses(config)]
    template = _look_up_launch_template(config.launch.launch_template, lookup)
    return Facts(
        region=lookup.region,
        table_name=table_name,
        subnet=_in_zone(found.subnet, zone, lookup.region) if found else None,
        subnet_has_ipv6=found is not None and found.has_ipv6,
        subnet_is_on_outpost=found is not None and found.is_on_outpost,
        zone=zone,
        security_groups=_look_up_security_groups(config, lookup),
        address=_look_up_address(config.elastic_ip, lookup),
        holders=lookup.find_address_holders(config.subnet_id, addresses),
        launch_template=template,
        interface_limits=_look_up_interface_limits(config, template, lookup),
    )


def _in_zone(subnet: Subnet, zone: Zone | None, region: str) -> Subnet:
    if zone is None or zone.network_border_group == region:
        return subnet
    return replace(subnet, network_border_group=zone.network_border_group)


def _look_up_security_groups(config: Config, lookup: Lookup) -> tuple[SecurityGroup, ...]:
    ids = [group for group in config.security_groups if SECURITY_GROUP_ID.fullmatch(group)]
    names = [group for group in config.security_groups if group not in ids]
    names += [] if config.security_groups else [DEFAULT_GROUP]
    return lookup.list_security_groups("group-id", ids) + lookup.list_security_groups("group-name", names)


def _look_up_address(elastic_ip: str | None, lookup: Lookup) -> Address | None:
    if elastic_ip is None or elastic_ip == NEW_ADDRESS:
        return None
    return lookup.find_address("allocation-id" if ALLOCATION_ID.fullmatch(elastic_ip) else "public-ip", elastic_ip)


def _look_up_launch_template(template: LaunchTemplate | None, lookup: Lookup) -> LaunchTemplateVersion | None:
    if template is None:
        return None
    field = "LaunchTemplateId" if LAUNCH_TEMPLATE_ID.fullmatch(template.id) else "LaunchTemplateName"
    return lookup.find_launch_template(field, template.id, template.version)


def _look_up_interface_limits(config: Config, template: LaunchTemplateVersion | None, lookup: Lookup) -> dict[str, int]:
    if config.handover != "prelaunch":
        return {}
    own = template.data.get("InstanceType") if template else None
    return lookup.find_interface_limits(config.launch.instance_types or ([own] if own else []))


def _plan_absent(name: str, before: Record | None) -> Configured:
    if before is None:
        return Configured(before=None, after=None)
    for reason, way_out in _reasons_to_keep(before):
        raise NodeError("NodeInUse", f"{name}: state 'absent' is refused: {reason}. {way_out}.")
    return _planned(name, before, None)


def _reasons_to_keep(record: Record) -> list[tuple[str, str]]:
    identity, operation, owns = record.identity, record.operation, record.owns
    busy = operation.operation if operation else record.intent.action if record.intent else None
    checks = (
        (
            busy,
            "{} has not ended",
            "Run its playbook again first, with -e stateful_node_take_over=true if it was cut off",
        ),
        (", ".join(owns.instances), "the record owns instance {}", "Run the playbook stateful_node.aws.pause first"),
        (
            identity.network_interface_id,
            "the record owns network interface {}",
            "Delete it with stateful_node_eni state=absent first; its private addresses are given up with it",
        ),
        (
            identity.next_interface and identity.next_interface.network_interface_id,
            "the record owns network interface {}, made for another address",
            "Run the playbook stateful_node.aws.resume first: it deletes that one",
        ),
        (
            identity.previous_interface and identity.previous_interface.network_interface_id,
            "the record owns network interface {}, which it has left for another address",
            "Run the playbook stateful_node.aws.resume first: it deletes that one",
        ),
        (
            ", ".join(owns.addresses),
            "the record owns Elastic IP {}, which was allocated for the node",
            "Release it with stateful_node_eip state=absent release=true first",
        ),
    )
    return [(text.format(owned), way_out) for owned, text, way_out in checks if owned]


def _planned(name: str, before: Record | None, after: Record | None) -> Configured:
    changes = config_diff(before.config if before else None, after.config if after else None)
    action = {
        "name": name,
        "action": _action(before, after),
        "phase": "record",
        "changes": changes | _subnet_changes(before, after),
    }
    return Configured(
        before=before,
        after=after,
        actions=(action,),
        diff={"before_header": name, "after_header": name, "before": _show(before), "after": _show(after)},
    )


def _action(before: Record | None, after: Record | None) -> str:
    if after is None:
        return "delete_record"
    return "change_config" if before else "create_record"


def _subnet_changes(before: Record | None, after: Record | None) -> dict[str, Any]:
    """List what the subnet itself was found to have changed in, when the configuration stays in it."""
    if not before or not after or before.config.subnet_id != after.config.subnet_id:
        return {}
    old, new = to_dict(before.subnet), to_dict(after.subnet)
    return {f"subnet.{key}": {"before": old[key], "after": new[key]} for key in new if old[key] != new[key]}


def _show(record: Record | None) -> dict[str, Any]:
    return {"name": record.name, **public_config(record.config)} if record else {}


async def _write(planned: Configured, store: AsyncStore) -> bool:
    """Carry out what was planned; False when the record is not what it was."""
    try:
        await _write_record(planned.before, planned.after, store)
    except Conflict:
        return False
    return True


async def _write_record(before: Record | None, after: Record | None, store: AsyncStore) -> None:
    if before is after:
        return
    if after is None:
        await store.forget(cast("Record", before))
    elif before is None:
        await store.create(after)
    else:
        await store.write_config(before, after.config, after.subnet)
