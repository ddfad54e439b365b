# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waits: every edit of the configuration is pending with what brings it about, every change by hand a drift."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.configuration.options import public_config
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.observed import Association, Observed
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.tags import CONFIG, TABLE
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.applied import applied_options
from ansible_collections.stateful_node.aws.plugins.module_utils._core.resources.config_tag import config_tag
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.drift import find_drift
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.pending import find_pending
from ansible_collections.stateful_node.aws.plugins.module_utils._core.status.unused_addresses import (
    unused_address_warnings,
    unused_addresses,
)

from tests.support.builders import (
    ALLOCATION,
    INTERFACE,
    NOW,
    PUBLIC_IP,
    associated,
    make_address,
    make_config,
    make_interface,
    make_operation,
    make_record,
    paused,
    running,
    see_paused,
    see_running,
    with_address,
)
from tests.support.identities import make_identity_of

SECONDARY = "10.0.1.21"
BEFORE = make_config()
OTHER = "10.0.1.77"


def applied(record, config=BEFORE):
    """The record after a resume with this configuration."""
    return replace(record, identity=make_identity_of(record.identity, applied=applied_options(config)))


def edited(**options):
    """A paused node that was resumed with a configuration, of which these options were edited since."""
    return applied(paused(make_config(**options)))


def waiting(record, observed):
    return [(item.option, item.waits_for, item.give) for item in find_pending(record, observed)]


def reasons(record, observed):
    return [drift.reason for drift in find_drift(record, observed, NOW)]


def see(*secondary, **fields):
    return see_paused(network_interface=make_interface(*secondary, **fields))


def on_secondary_address():
    return make_address(INTERFACE, private_ip_address=SECONDARY)


@pytest.mark.parametrize(
    ("options", "observed", "option", "reason"),
    [
        ({"security_groups": ("sg-2",)}, see_paused(), "security_groups", "security_groups_differ"),
        ({"source_dest_check": False}, see_paused(), "source_dest_check", "source_dest_check_differs"),
        ({"tags": {"service": "db"}}, see_paused(), "tags", "tags_differ"),
        (
            {"secondary_private_ip_addresses": (SECONDARY,)},
            see_paused(),
            "secondary_private_ip_addresses",
            "private_addresses_differ",
        ),
        (
            {"secondary_private_ip_address_count": 1},
            see_paused(),
            "secondary_private_ip_address_count",
            "private_addresses_differ",
        ),
        ({"ipv6_address_count": 1}, see_paused(), "ipv6_address_count", "ipv6_addresses_differ"),
    ],
)
def test_an_edit_waits_for_the_resume_and_a_change_by_hand_is_a_drift(options, observed, option, reason):
    """The interface is the same both times: what was applied last tells the two apart."""
    record = edited(**options)
    assert (waiting(record, observed), reasons(record, observed)) == ([(option, "resume", None)], [])
    by_hand = applied(record, record.config)
    assert (waiting(by_hand, observed), reasons(by_hand, observed)) == ([], [reason])


def test_a_record_that_does_not_say_what_was_applied_has_drifts():
    record = paused(make_config(source_dest_check=False))
    assert (waiting(record, see_paused()), reasons(record, see_paused())) == ([], ["source_dest_check_differs"])


def test_one_option_may_be_edited_while_another_was_changed_by_hand():
    record = edited(tags={"service": "db"})
    observed = see(source_dest_check=False)
    assert (waiting(record, observed), reasons(record, observed)) == (
        [("tags", "resume", None)],
        ["source_dest_check_differs"],
    )


def test_values_are_those_of_the_interface_and_of_the_configuration():
    observed = see(tags={"Name": "db-1", "service": "web"})
    record = replace(
        edited(tags={"service": "db"}), identity=make_identity_of(edited().identity, tag_keys=("service",))
    )
    (item,) = find_pending(record, observed)
    assert (item.current, item.wanted) == ({"service": "web"}, {"service": "db"})


def test_the_collections_own_tag_of_the_configuration_is_not_shown():
    """It follows every edit, and no option has its name."""
    config = make_config(public_ip_assignment="disabled")
    tags = {"Name": "db-1", TABLE: "stateful-nodes", CONFIG: config_tag(make_config(public_ip_assignment="enabled"))}
    record = applied(paused(config), config)
    assert (waiting(record, see(tags=tags)), reasons(record, see(tags=tags))) == ([], [])


def test_names_that_were_taken_off_are_a_drift():
    interface = replace(make_interface(), tags={"Name": "db-1"})
    assert reasons(applied(paused()), see_paused(network_interface=interface)) == ["tags_differ"]


def test_a_lost_address_degrades_the_node_and_groups_do_not():
    lost = find_drift(paused(make_config(secondary_private_ip_address_count=1)), see_paused(), NOW)
    groups = find_drift(paused(make_config(security_groups=("sg-2",))), see_paused(), NOW)
    assert [drift.degrades for drift in (*lost, *groups)] == [True, False]


@pytest.mark.parametrize(
    ("record", "observed", "expected"),
    [
        pytest.param(make_record(make_config(elastic_ip="new")), Observed(), [], id="a new node"),
        pytest.param(paused(), Observed(), [], id="nothing known"),
        pytest.param(
            paused(make_config(private_ip_address=OTHER)),
            see_paused(),
            [("private_ip_address", "address_change", "resume_allow_address_change=true")],
            id="another address of a paused node",
        ),
        pytest.param(
            running(make_config(private_ip_address=OTHER)),
            see_running(),
            [("private_ip_address", "address_change", "replace_allow_address_change=true")],
            id="of a running node",
        ),
        pytest.param(
            running(make_config(private_ip_address=OTHER)),
            Observed(),
            [("private_ip_address", "address_change", "replace_allow_address_change=true")],
            id="of one that EC2 does not show",
        ),
        pytest.param(
            running(make_config(subnet_id="subnet-2", persist_private_ip=False)),
            see_running(),
            [("subnet_id", "replace", None)],
            id="of one that keeps no address anyway",
        ),
        pytest.param(
            running(make_config(handover="prelaunch")), see_running(), [("handover", "replace", None)], id="handover"
        ),
        pytest.param(
            running(make_config(handover="prelaunch")),
            see_running("terminated"),
            [("handover", "resume", None)],
            id="handover of a node that was interrupted",
        ),
        pytest.param(
            paused(make_config(elastic_ip="new")), see_paused(), [("elastic_ip", "resume", None)], id="an Elastic IP"
        ),
        pytest.param(
            with_address(running(), allocated=True), see_running(), [("elastic_ip", "resume", None)], id="no more"
        ),
        pytest.param(
            with_address(running(make_config(elastic_ip="eipalloc-2"))),
            see_running(),
            [("elastic_ip", "resume", None)],
            id="another one",
        ),
        pytest.param(
            with_address(running(make_config(elastic_ip=ALLOCATION))),
            see_running(address=make_address(INTERFACE)),
            [],
            id="the one that it has",
        ),
        pytest.param(
            with_address(running(make_config(elastic_ip=ALLOCATION))),
            see_running(address=on_secondary_address()),
            [("elastic_ip_private_ip_address", "resume", None)],
            id="on another private address",
        ),
        pytest.param(
            paused(make_config(public_ip_assignment="enabled")),
            see_paused(),
            [("public_ip_assignment", "resume", None)],
            id="a public address of EC2's",
        ),
        pytest.param(
            replace(
                paused(make_config(private_ip_address=OTHER)), operation=make_operation("resume", config=make_config())
            ),
            see_paused(),
            [("private_ip_address", "address_change", "resume_allow_address_change=true")],
            id="edited while an operation runs",
        ),
    ],
)
def test_what_waits_for_what(record, observed, expected):
    assert waiting(record, observed) == expected


def test_launch_settings_wait_for_the_replacement():
    launched = public_config(make_config())["launch"]
    record = running(make_config(launch=replace(make_config().launch, image_id="ami-2")), launch=launched)
    assert waiting(record, see_running()) == [("launch.image_id", "replace", None)]
    assert waiting(record, see_running("terminated")) == [("launch.image_id", "resume", None)]


FOREIGN_ADDRESS = Association(public_ip="198.51.100.99", allocation_id="eipalloc-9", association_id="eipassoc-9")


@pytest.mark.parametrize(("elastic_ip", "degrades"), [(None, False), ("new", True)])
def test_a_foreign_elastic_ip_is_shown_and_left_alone(elastic_ip, degrades):
    observed = see(association=FOREIGN_ADDRESS)
    (drift,) = find_drift(paused(make_config(elastic_ip=elastic_ip)), observed, NOW)
    assert (drift.reason, drift.repairable, drift.degrades) == ("foreign_elastic_ip", False, degrades)
    assert "eipassoc-9" in " ".join(drift.ways_out[0].command.arguments)


def test_an_address_that_ec2_assigned_is_not_foreign():
    assert reasons(paused(), see_paused(network_interface=associated(make_interface(), None))) == []


def test_an_elastic_ip_that_is_not_configured_any_more_costs():
    record = with_address(paused(), allocated=True, association_id=None)
    observed = see_paused(unused_addresses=(make_address(),))
    (shown,) = unused_addresses(record, observed)
    assert (shown["allocation_id"], shown["public_ip"]) == (ALLOCATION, PUBLIC_IP)
    (warning,) = unused_address_warnings(record, observed)
    assert "state=absent release=true" in warning
    assert "3.65" in warning


def test_an_elastic_ip_in_use_or_of_the_users_is_not_unused():
    mine = with_address(paused(make_config(elastic_ip="new")), allocated=True)
    given = with_address(paused())
    observed = see_paused(unused_addresses=(make_address(),))
    assert (unused_addresses(mine, observed), unused_addresses(given, observed)) == ([], [])


def test_a_spare_one_is_released_without_taking_the_configured_one_off():
    record = with_address(paused(make_config(elastic_ip="eipalloc-2")), spare_allocation_ids=(ALLOCATION,))
    observed = see_paused(unused_addresses=(make_address(),))
    (warning,) = unused_address_warnings(record, observed)
    assert f"aws ec2 release-address --allocation-id {ALLOCATION}" in warning
