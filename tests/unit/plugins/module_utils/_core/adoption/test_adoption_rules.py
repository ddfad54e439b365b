# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is adopted, what is refused, and what is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.adoption.adoption_request import (
    Adoptee,
    Request,
    adopted_config,
    adopted_record,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.adoption.adoption_rules import (
    OPERATORS,
    Case,
    adoption_warnings,
    check_adoption,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import (
    RecordedElasticIp,
    RecordedInterface,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.node_error import NodeError

from tests.support.builders import (
    ALLOCATION,
    ASSOCIATION,
    INSTANCE,
    INTERFACE,
    PUBLIC_IP,
    associated,
    attached,
    make_instance,
    make_interface,
    make_subnet,
    paused,
)

LAUNCHED = {"image_id": "ami-1", "instance_types": ["t3.micro"], "market": "on_demand"}
REQUEST = Request(name="db-1", instance_id=INSTANCE, accept_root_volume_loss=True)
FREE = Request(name="db-1", network_interface_id=INTERFACE, options={"launch": LAUNCHED})


def untagged(interface):
    return replace(interface, tags={})


BARE = untagged(make_interface())
ON_INSTANCE = untagged(attached(make_interface(), INSTANCE, delete_on_termination=True))


def adoptee(**fields):
    given = {"network_interface": ON_INSTANCE, "instance": make_instance(), "launch": LAUNCHED}
    return Adoptee(**{**given, **fields})


def check(request, found, *records):
    check_adoption(Case(request=request, adoptee=found, table_name="nodes", records=records))


def refusal(request, found, *records):
    with pytest.raises(NodeError) as raised:
        check(request, found, *records)
    return raised.value


def test_an_instance_and_a_free_interface_are_adopted():
    check(REQUEST, adoptee())
    check(FREE, Adoptee(network_interface=BARE))


@pytest.mark.parametrize("operator", OPERATORS)
def test_who_manages_an_instance_is_told_by_its_tags(operator):
    key = f"{operator}x" if operator.endswith((":", "/")) else operator
    error = refusal(REQUEST, adoptee(instance=make_instance(tags={key: "it"})))
    assert error.failure.code == "ManagedElsewhere"
    assert OPERATORS[operator][0] in str(error)
    assert f"{key}=it" in str(error)


@pytest.mark.parametrize("key", ["aws:autoscaling:groupNames", "eks:", "my-karpenter.sh/", "Name"])
def test_tags_that_only_look_alike_are_nobodys(key):
    check(REQUEST, adoptee(instance=make_instance(tags={key: "it"})))


def test_what_is_somebody_elses_has_no_further_faults():
    error = refusal(replace(REQUEST, accept_root_volume_loss=False), adoptee(operator="eks.amazonaws.com"))
    assert "eks.amazonaws.com" in str(error)
    assert "\n" not in str(error)


PREVIOUS = paused(network_interface_id="eni-9", previous_network_interface_id=INTERFACE)
FOLLOWING = RecordedInterface(
    network_interface_id=INTERFACE, private_ip_addresses=("10.0.1.7",), subnet_id="subnet-1", availability_zone="a"
)
TO_COME = paused(network_interface_id="eni-9", next_interface=FOLLOWING)


@pytest.mark.parametrize("record", [paused(), PREVIOUS, TO_COME], ids=["own", "previous", "next"])
def test_an_interface_that_another_record_accounts_for_is_refused(record):
    error = refusal(FREE, Adoptee(network_interface=BARE), replace(record, name="db-2"))
    assert (error.failure.code, "node db-2's already" in str(error)) == ("OfAnotherNode", True)


@pytest.mark.parametrize(
    ("tags", "refused"),
    [
        ({"stateful_node:table": "nodes", "stateful_node:name": "db-1"}, False),
        ({"stateful_node:table": "nodes", "stateful_node:name": "db-2"}, True),
        ({"stateful_node:table": "others", "stateful_node:name": "db-1"}, True),
    ],
)
def test_tags_of_another_node_are_respected(tags, refused):
    tagged = Adoptee(network_interface=replace(BARE, tags=tags))
    if refused:
        assert refusal(FREE, tagged).failure.code == "OfAnotherNode"
    else:
        check(FREE, tagged)


@pytest.mark.parametrize("given", [{"image_id": "ami-2"}, {"launch_template": {"id": "lt-1"}}])
def test_who_says_what_to_boot_has_not_to_accept_a_loss(given):
    check(replace(REQUEST, accept_root_volume_loss=False, options={"launch": given}), adoptee(image_exists=False))


def test_a_launch_template_that_is_given_says_all_of_the_launch():
    request = replace(REQUEST, options={"launch": {"launch_template": {"id": "lt-1"}}})
    launch = adopted_config(request, adoptee(), ON_INSTANCE, make_subnet()).launch
    assert (launch.launch_template.id, launch.image_id, launch.instance_types) == ("lt-1", None, ())


@pytest.mark.parametrize(
    ("interface", "assigns", "assignment", "elastic_ip"),
    [
        (BARE, False, "subnet_default", None),
        (BARE, True, "disabled", None),
        (associated(BARE), False, "enabled", ALLOCATION),
        (associated(BARE, None), True, "enabled", None),
    ],
)
def test_public_addresses_stay_as_they_are(interface, assigns, assignment, elastic_ip):
    subnet = make_subnet(assigns_public_ip=assigns)
    config = adopted_config(FREE, Adoptee(network_interface=interface), interface, subnet)
    assert (config.public_ip_assignment, config.elastic_ip) == (assignment, elastic_ip)


def test_the_record_knows_all_that_operations_need():
    found = adoptee(network_interface=associated(ON_INSTANCE), spot_instance_request_id="sir-1")
    config = adopted_config(REQUEST, found, found.network_interface, make_subnet())
    record = adopted_record("db-1", config, found, found.network_interface, make_subnet())
    identity, adoption = record.identity, record.identity.adoption
    assert (record.desired, identity.instance_id, identity.generation, identity.instance_generation) == (
        "running", INSTANCE, 1, 1,
    )  # fmt: skip
    assert identity.elastic_ip == RecordedElasticIp(
        allocation_id=ALLOCATION, association_id=ASSOCIATION, public_ip=PUBLIC_IP, allocated=True
    )
    assert (adoption.instance_id, adoption.delete_on_termination, adoption.spot_instance_request_id) == (
        INSTANCE, True, "sir-1",
    )  # fmt: skip
    assert identity.instance.launch["market"] == "on_demand"
    assert config.launch.market == "spot"


def test_no_warning_where_nothing_is_lost():
    assert adoption_warnings(FREE, Adoptee(network_interface=BARE)) == ()


def test_a_placement_group_comes_along_unless_a_launch_template_says_how_to_launch():
    near = adoptee(placement_group="near")
    templated = replace(REQUEST, options={"launch": {"launch_template": {"id": "lt-1"}}})
    assert not [line for line in adoption_warnings(REQUEST, near) if "near" in line]
    (warning,) = [line for line in adoption_warnings(templated, near) if "near" in line]
    assert warning.startswith("db-1: ")
