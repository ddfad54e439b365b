# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phase `interface`: what is created, what is changed, and what is somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.interface_actions import (
    CreateNetworkInterface,
    DeleteNetworkInterface,
    KeepOnTermination,
    SetAssociatePublicIpAddress,
    SetSecurityGroups,
    SetSourceDestCheck,
    SetTags,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.private_address_actions import (
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    UnassignIpv6Addresses,
    UnassignPrivateIpAddresses,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.wanted_addresses import (
    wanted_private_ip_address,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.plan_interface import (
    plan_interface,
    plan_interface_absent,
    wants_assigned_public_ip,
)

from tests.support.builders import (
    INSTANCE,
    INTERFACE,
    PRIMARY,
    attached,
    make_config,
    make_intent,
    make_interface,
    make_record,
    make_subnet,
    paused,
)
from tests.support.identities import make_identity_of

CREATING = make_intent("CreateNetworkInterface")
LENDING = make_config(public_ip_assignment="enabled")
NAMED = make_config(secondary_private_ip_addresses=("10.0.1.21", "10.0.1.22"))


def plan_for(record, interface=None):
    return tuple(plan_interface(record, Observed(network_interface=interface)))


def own(*secondary):
    """The recorded addresses of a node that has these secondary ones of its own."""
    return (PRIMARY, *secondary)


@pytest.mark.parametrize(
    ("options", "kept", "expected"),
    [
        pytest.param({}, None, None, id="EC2 chooses the first address"),
        pytest.param({"private_ip_address": "10.0.1.50"}, None, "10.0.1.50", id="the configured address is taken"),
        pytest.param({}, PRIMARY, PRIMARY, id="the address persists"),
        pytest.param(
            {"private_ip_address": "10.0.1.50"}, PRIMARY, PRIMARY, id="an edit does not change an address that persists"
        ),
        pytest.param({"persist_private_ip": False}, PRIMARY, None, id="an address that need not persist does not"),
    ],
)
def test_primary_address_of_an_interface_made_now(options, kept, expected):
    record = make_record(make_config(**options))
    if kept:
        record = replace(record, identity=make_identity_of(network_interface_id=INTERFACE, private_ip_address=kept))
    assert wanted_private_ip_address(record) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(make_record(), [CreateNetworkInterface(subnet_id="subnet-1")], id="first interface"),
        pytest.param(
            paused(make_config(subnet_id="subnet-2")),
            [CreateNetworkInterface(subnet_id="subnet-1", private_ip_address=PRIMARY, replaces=INTERFACE)],
            id="in the subnet of the one that was lost",
        ),
        pytest.param(
            make_record(NAMED),
            [
                CreateNetworkInterface(subnet_id="subnet-1"),
                AssignPrivateIpAddresses(private_ip_addresses=("10.0.1.21", "10.0.1.22")),
            ],
            id="named secondary addresses wait until EC2 has chosen the primary one",
        ),
        pytest.param(
            make_record(replace(NAMED, private_ip_address="10.0.1.50")),
            [CreateNetworkInterface(subnet_id="subnet-1", private_ip_address="10.0.1.50")],
            id="named secondary addresses come with a named primary one",
        ),
        pytest.param(
            make_record(LENDING),
            [
                CreateNetworkInterface(subnet_id="subnet-1"),
                SetAssociatePublicIpAddress(associate_public_ip_address=True),
            ],
            id="a lent public address is switched on",
        ),
        pytest.param(
            paused(LENDING, associate_public_ip_address=True),
            [
                CreateNetworkInterface(subnet_id="subnet-1", private_ip_address=PRIMARY, replaces=INTERFACE),
                SetAssociatePublicIpAddress(associate_public_ip_address=True),
            ],
            id="a lent public address is switched on for the interface made anew as well",
        ),
        pytest.param(
            make_record(make_config(source_dest_check=False)),
            [CreateNetworkInterface(subnet_id="subnet-1"), SetSourceDestCheck(source_dest_check=False)],
            id="the source/destination check, which a creation cannot switch off, is switched off after it",
        ),
    ],
)
def test_creation(record, expected):
    assert list(plan_for(record)) == expected


def test_an_open_creation_is_replayed_before_anything_else():
    """What it made may be invisible still, and nothing can be said of it yet."""
    actions = plan_for(replace(paused(make_config(tags={"a": "1"})), intent=CREATING), make_interface())
    assert [type(action) for action in actions] == [CreateNetworkInterface]


def test_an_interface_as_configured_is_left_alone():
    assert plan_for(paused(), make_interface()) == ()


@pytest.mark.parametrize(
    ("options", "interface", "expected"),
    [
        pytest.param(
            {"security_groups": ("sg-2", "sg-1")}, {}, SetSecurityGroups(security_groups=("sg-1", "sg-2")),
            id="groups that differ are set, sorted",
        ),
        pytest.param(
            {"security_groups": ("sg-2", "sg-1")}, {"security_groups": ("sg-1", "sg-2")}, None,
            id="the order of groups means nothing",
        ),
        pytest.param({"security_groups": ()}, {"security_groups": ("sg-default",)}, None,
                     id="without configured groups any will do"),
        pytest.param({"source_dest_check": False}, {}, SetSourceDestCheck(source_dest_check=False), id="check off"),
        pytest.param({}, {"source_dest_check": False}, SetSourceDestCheck(source_dest_check=True), id="check on"),
        pytest.param({"tags": {"team": "a"}}, {}, SetTags(tags={"team": "a"}), id="a missing tag is set"),
        pytest.param({"tags": {"team": "a"}}, {"tags": {"Name": "db-1", "team": "b"}}, SetTags(tags={"team": "a"}),
                     id="a changed tag is set back"),
        pytest.param({"tags": {"Name": "mine"}}, {}, SetTags(tags={"Name": "mine"}), id="the user's Name wins"),
        pytest.param({}, {"tags": {}}, SetTags(tags={"Name": "db-1"}), id="a lost Name is set"),
        pytest.param({}, {"tags": {"Name": "db-1", "cost": "x"}}, None, id="a tag of somebody else's stays"),
    ],
)  # fmt: skip
def test_settings_brought_in_line(options, interface, expected):
    actions = plan_for(paused(make_config(**options)), make_interface(**interface))
    assert actions == ((expected,) if expected else ())


def test_a_tag_that_the_configuration_dropped_is_removed():
    """Only one that was set from the configuration, and that is there still."""
    record = paused(make_config(tags={"kept": "1"}), tag_keys=("kept", "dropped", "gone"))
    interface = make_interface(tags={"Name": "db-1", "kept": "1", "dropped": "2", "foreign": "3"})
    assert plan_for(record, interface) == (SetTags(tags={}, removed=("dropped",)),)


@pytest.mark.parametrize(("flag", "expected"), [(True, 1), (False, 0)])
def test_an_interface_is_kept_from_ending_with_its_instance(flag, expected):
    actions = plan_for(paused(), attached(make_interface(), INSTANCE, delete_on_termination=flag))
    assert actions == (KeepOnTermination(attachment_id="eni-attach-1"),) * expected


@pytest.mark.parametrize(
    ("options", "recorded", "present", "expected"),
    [
        pytest.param({"secondary_private_ip_address_count": 2}, (), (), [AssignPrivateIpAddresses(count=2)],
                     id="counted ones are assigned"),
        pytest.param({"secondary_private_ip_address_count": 2}, ("10.0.1.30",), ("10.0.1.30",),
                     [AssignPrivateIpAddresses(count=1)], id="only those that lack"),
        pytest.param({"secondary_private_ip_address_count": 1}, (), ("10.0.1.99",),
                     [AssignPrivateIpAddresses(count=1)], id="a foreign one does not count"),
        pytest.param({"secondary_private_ip_address_count": 1}, ("10.0.1.30",), (),
                     [AssignPrivateIpAddresses(private_ip_addresses=("10.0.1.30",))],
                     id="one that was taken away is given again"),
        pytest.param({"secondary_private_ip_addresses": (PRIMARY,)}, (), (), [],
                     id="the primary one needs no assigning"),
        pytest.param({"secondary_private_ip_address_count": 1}, ("10.0.1.30", "10.0.1.31"), ("10.0.1.30", "10.0.1.31"),
                     [UnassignPrivateIpAddresses(private_ip_addresses=("10.0.1.31",))], id="the last surplus one goes"),
        pytest.param({}, ("10.0.1.30",), ("10.0.1.99", "10.0.1.30"),
                     [UnassignPrivateIpAddresses(private_ip_addresses=("10.0.1.30",))],
                     id="with none wanted, own ones go and foreign ones stay"),
        pytest.param({}, (), ("10.0.1.99",), [], id="foreign ones alone are nobody's business"),
        pytest.param({"secondary_private_ip_addresses": ("10.0.1.21",)}, (), (),
                     [AssignPrivateIpAddresses(private_ip_addresses=("10.0.1.21",))], id="a named one is assigned"),
        pytest.param({"secondary_private_ip_addresses": ("10.0.1.21",)}, (), ("10.0.1.21",), [],
                     id="a named one that is there already is taken as it is"),
        pytest.param({"secondary_private_ip_addresses": ("10.0.1.22",)}, ("10.0.1.21",), ("10.0.1.21",),
                     [UnassignPrivateIpAddresses(private_ip_addresses=("10.0.1.21",)),
                      AssignPrivateIpAddresses(private_ip_addresses=("10.0.1.22",))],
                     id="an exchanged one goes before the other comes"),
        pytest.param({"secondary_private_ip_addresses": ("10.0.1.21",)}, ("10.0.1.21",), ("10.0.1.21", "10.0.1.99"), [],
                     id="named ones leave foreign ones alone"),
    ],
)  # fmt: skip
def test_secondary_private_addresses(options, recorded, present, expected):
    record = paused(make_config(**options), private_ip_addresses=own(*recorded))
    assert list(plan_for(record, make_interface(*present))) == expected


@pytest.mark.parametrize(
    ("count", "recorded", "present", "expected"),
    [
        pytest.param(2, (), (), [AssignIpv6Addresses(count=2)], id="wanted ones are assigned"),
        pytest.param(2, ("::1",), ("::1", "::9"), [AssignIpv6Addresses(count=1)], id="a foreign one does not count"),
        pytest.param(1, ("::1", "::2"), ("::1", "::2"), [UnassignIpv6Addresses(ipv6_addresses=("::2",))],
                     id="surplus ones go"),
        pytest.param(0, (), ("::9",), [], id="foreign ones stay"),
        pytest.param(1, ("::1",), ("::1",), [], id="enough is enough"),
    ],
)  # fmt: skip
def test_ipv6_addresses(count, recorded, present, expected):
    record = paused(make_config(ipv6_address_count=count), ipv6_addresses=recorded)
    assert list(plan_for(record, make_interface(ipv6_addresses=present))) == expected


@pytest.mark.parametrize(
    ("options", "subnet_assigns", "expected"),
    [
        ({"public_ip_assignment": "enabled"}, False, True),
        ({"public_ip_assignment": "disabled"}, True, False),
        ({"public_ip_assignment": "subnet_default"}, True, True),
        ({"public_ip_assignment": "subnet_default"}, False, False),
        ({"public_ip_assignment": "enabled", "elastic_ip": "new"}, True, False),
    ],
)
def test_whether_ec2_lends_a_public_address(options, subnet_assigns, expected):
    """A subnet's default means nothing to an existing interface, so it is followed here; an Elastic IP needs none."""
    record = make_record(make_config(**options), subnet=make_subnet(assigns_public_ip=subnet_assigns))
    assert wants_assigned_public_ip(record) is expected


@pytest.mark.parametrize(("recorded", "wanted"), [(True, "disabled"), (False, "enabled")])
def test_the_lent_address_is_switched_where_the_record_says_otherwise(recorded, wanted):
    record = paused(make_config(public_ip_assignment=wanted), associate_public_ip_address=recorded)
    expected = SetAssociatePublicIpAddress(associate_public_ip_address=not recorded)
    assert plan_for(record, make_interface()) == (expected,)


def test_an_interface_is_deleted_once_nothing_holds_it():
    observed = Observed(network_interface=make_interface())
    assert tuple(plan_interface_absent(paused(), observed)) == (DeleteNetworkInterface(network_interface_id=INTERFACE),)


def test_an_attached_interface_is_not_deleted():
    with pytest.raises(NodeError, match=rf"{INTERFACE} is attached to {INSTANCE}") as raised:
        tuple(plan_interface_absent(paused(), Observed(network_interface=attached(make_interface(), INSTANCE))))
    assert raised.value.failure.code == "NetworkInterfaceInUse"


def test_a_node_without_an_interface_has_none_to_delete():
    assert tuple(plan_interface_absent(make_record(), Observed())) == ()


def test_a_deletion_that_was_not_written_down_is_finished():
    """EC2 does not have the interface any more, and the record still names it."""
    assert tuple(plan_interface_absent(paused(), Observed())) == (
        DeleteNetworkInterface(network_interface_id=INTERFACE),
    )
