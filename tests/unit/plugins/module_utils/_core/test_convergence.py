# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans converge: carried out they leave nothing to do, and so does one that was cut off and made again."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.elastic_ip_actions import (
    AssociateAddress,
    DisassociateAddress,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.instance_actions import TerminateInstance
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.interface_actions import KeepOnTermination
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.private_address_actions import (
    AssignIpv6Addresses,
    AssignPrivateIpAddresses,
    UnassignPrivateIpAddresses,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.actions.state import State
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.takeover import (
    new_operation,
    with_operation,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import NAME
from ansible_collections.stateful_node.aws.plugins.module_utils._core.plan.planner import plan
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    INSTANCE,
    INTERFACE,
    NOW,
    PATIENT,
    PRIMARY,
    PUBLIC_IP,
    associated,
    attached,
    make_address,
    make_config,
    make_identity,
    make_instance,
    make_intent,
    make_interface,
    make_record,
    make_subnet,
)

SECONDARY = st.sampled_from([
    {},
    {"secondary_private_ip_addresses": ("10.0.1.21",)},
    {"secondary_private_ip_addresses": ("10.0.1.22", "10.0.1.21")},
    {"secondary_private_ip_address_count": 1},
    {"secondary_private_ip_address_count": 2},
])  # fmt: skip
CONFIGS = st.builds(
    lambda secondary, **options: make_config(**secondary, **options),
    SECONDARY,
    private_ip_address=st.sampled_from([None, "10.0.1.50"]),
    ipv6_address_count=st.integers(0, 2),
    elastic_ip=st.sampled_from([None, "new", ALLOCATION]),
    public_ip_assignment=st.sampled_from(["enabled", "disabled", "subnet_default"]),
    security_groups=st.sampled_from([(), ("sg-1",), ("sg-2", "sg-1")]),
    source_dest_check=st.booleans(),
    tags=st.sampled_from([{}, {"a": "1"}, {"Name": "mine"}]),
    handover=st.sampled_from(["terminate", "prelaunch"]),
)
STATES = ("running", "stopped", "stopping", "shutting-down", "terminated", None)


@st.composite
def nodes(draw):
    """Draw a node with a history: a new one, or one whose interface, instance and address are in any state."""
    config, subnet = draw(CONFIGS), make_subnet(assigns_public_ip=draw(st.booleans()))
    if draw(st.integers(0, 9)) == 0:
        return make_record(config, subnet=subnet), Observed(address=make_address())
    own = draw(st.lists(st.sampled_from(["10.0.1.21", "10.0.1.30", "10.0.1.31"]), unique=True))
    ipv6 = tuple(draw(st.lists(st.sampled_from(["::11", "::12", "::13"]), unique=True)))
    identity = {
        "private_ip_addresses": (PRIMARY, *own),
        "ipv6_addresses": ipv6,
        "associate_public_ip_address": draw(st.booleans()),
        "tag_keys": draw(st.sampled_from([(), ("a",), ("a", "dropped")])),
    }
    observed = _see(draw, own, ipv6)
    if observed.network_interface is None:
        identity |= _as_configured(config)
    if observed.instance:
        identity["instance_id"] = INSTANCE
    if observed.network_interface and observed.network_interface.association:
        identity |= {"allocation_id": ALLOCATION, "association_id": ASSOCIATION, "public_ip": PUBLIC_IP}
    intent = _draw_intent(draw, observed)
    record = make_record(
        config,
        subnet=subnet,
        desired=draw(st.sampled_from(["running", "paused"])),
        identity=make_identity(**identity),
        intent=intent,
    )
    return record, observed


def _as_configured(config):
    """As many addresses as are wanted: a count that was raised is caught up with by the run after the creation."""
    count = config.secondary_private_ip_address_count
    return {
        "private_ip_addresses": (PRIMARY, "10.0.1.30", "10.0.1.31")[: count + 1],
        "ipv6_addresses": ("::11", "::12")[: config.ipv6_address_count],
    }


def _draw_intent(draw, observed):
    """Draw what a crash may have left open: a creation where there is no interface, a launch where it is free."""
    if observed.instance or draw(st.booleans()):
        return None
    return make_intent("RunInstances" if observed.network_interface else "CreateNetworkInterface")


def _see(draw, own, ipv6):
    """Draw what EC2 says: anything may have been changed by somebody else, and addresses of theirs be there."""
    state = draw(st.sampled_from(STATES))
    if state in ("terminated", None) and draw(st.booleans()):
        return Observed(instance=make_instance(state) if state else None, address=make_address())
    interface = make_interface(
        *draw(st.lists(st.sampled_from([*own, "10.0.1.99"]), unique=True)),
        ipv6_addresses=tuple(draw(st.lists(st.sampled_from([*ipv6, "::99"]), unique=True))),
        security_groups=draw(st.sampled_from([("sg-1",), ("sg-3",)])),
        source_dest_check=draw(st.booleans()),
        tags=draw(st.sampled_from([{}, {"Name": "db-1"}, {"Name": "x", "a": "2", "dropped": "3", "foreign": "4"}])),
    )
    on_interface = draw(st.booleans())
    interface = associated(interface) if on_interface else interface
    if draw(st.booleans()):
        interface = replace(interface, tags={key: value for key, value in interface.tags.items() if key != NAME})
    address = make_address(INTERFACE if on_interface else None)
    if state in ("terminated", None):
        return Observed(network_interface=interface, instance=make_instance(state) if state else None, address=address)
    interface = attached(interface, INSTANCE, delete_on_termination=draw(st.booleans()) and state != "shutting-down")
    instance = make_instance(state)
    return Observed(network_interface=interface, instance=instance, holder=instance, address=address)


def carry_out(record, observed, planned):
    """Predict the node after the actions, each of which EC2 would accept."""
    state = State(record, observed)
    for action in planned:
        check_accepted(action, state)
        state = action.after(state)
    return state.record, state.observed


def check_accepted(action, state):
    """What EC2 refuses is not planned."""
    interface = state.network_interface
    match action:
        case AssignPrivateIpAddresses():
            assert not set(action.private_ip_addresses) & set(interface.private_ip_addresses)
        case UnassignPrivateIpAddresses():
            assert interface.private_ip_address not in action.private_ip_addresses
        case AssignIpv6Addresses():
            assert not set(action.ipv6_addresses) & set(interface.ipv6_addresses)
        case KeepOnTermination():
            assert interface.attachment.attachment_id == action.attachment_id
        case TerminateInstance():
            assert not (interface and interface.attachment and interface.attachment.delete_on_termination)
        case AssociateAddress():
            assert interface.association is None or interface.association.allocation_id is None
        case DisassociateAddress():
            assert interface.association.association_id == action.association_id


def begin(record, goal):
    """Take the node, as the operation's beginning does."""
    taken = new_operation(record, operation=goal, operation_id="op", owner="me", now=NOW, seconds=300)
    return with_operation(record, taken)


GOALS = st.sampled_from(["resume", "pause", "replace"])


@settings(PATIENT, max_examples=300)
@given(nodes(), GOALS)
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(node, goal):
    """Also for a replace that is made again before it was ended: it does not replace twice."""
    record, observed = begin(node[0], goal), node[1]
    record, observed = carry_out(record, observed, plan(record, observed, goal).actions)
    if observed.instance and observed.instance.state == "shutting-down":
        record, observed = _ended(record, observed)
    assert plan(record, observed, goal).actions == ()


def _ended(record, observed):
    """The instance that was on its way out when the operation began has ended."""
    return carry_out(record, observed, [TerminateInstance(instance_id=INSTANCE)])


@settings(PATIENT, max_examples=300)
@given(nodes(), GOALS, st.data())
def test_an_operation_cut_off_after_any_action_is_finished_by_the_next_run(node, goal, data):
    """Nothing is launched twice, whichever action was the last to be made."""
    first = node[0].identity.generation
    record, observed = begin(node[0], goal), node[1]
    planned = plan(record, observed, goal).actions
    done = data.draw(st.integers(0, len(planned)), label="actions done before the cut")
    record, observed = carry_out(record, observed, planned[:done])
    if any(action.phase != "record" for action in planned[:done]):
        # Written before the first call that changes something.
        record = replace(record, operation=replace(record.operation, has_acted=True))
    record = begin(record, goal)
    record, observed = carry_out(record, observed, plan(record, observed, goal).actions)
    if goal == "pause":
        assert observed.holder is None or observed.holder.state == "shutting-down"
        return
    assert observed.instance is not None
    assert observed.instance.state == "running"
    assert observed.holder == observed.instance
    assert record.identity.generation - first <= 1
    assert record.identity.generation - first == 1 or goal == "resume"


@settings(PATIENT, max_examples=200)
@given(nodes(), GOALS)
def test_no_operation_touches_what_is_not_the_nodes(node, goal):
    """Neither secondary addresses nor tags that somebody else gave the interface."""
    record, observed = begin(node[0], goal), node[1]
    before = observed.network_interface
    _record, after = carry_out(record, observed, plan(record, observed, goal).actions)
    kept = after.network_interface
    if before is None or kept is None or kept.network_interface_id != INTERFACE:
        return
    foreign = {"10.0.1.99"} & set(before.private_ip_addresses)
    assert foreign <= set(kept.private_ip_addresses)
    assert {"::99"} & set(before.ipv6_addresses) <= set(kept.ipv6_addresses)
    assert before.tags.get("foreign") == kept.tags.get("foreign")
    assert kept.private_ip_addresses[0] == PRIMARY


@settings(PATIENT, max_examples=100)
@given(nodes())
def test_a_node_keeps_its_addresses_through_a_replace(node):
    """The primary private address is the same after, whether the interface was lost or not."""
    record, observed = begin(node[0], "replace"), node[1]
    address = record.identity.private_ip_address
    record, observed = carry_out(record, observed, plan(record, observed, "replace").actions)
    assert address in (None, record.identity.private_ip_address)
    assert observed.network_interface.private_ip_addresses[0] == record.identity.private_ip_address
    assert replace(record, operation=None).identity.instance_id == observed.network_interface.holder
