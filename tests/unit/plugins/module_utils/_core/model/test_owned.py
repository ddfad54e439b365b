# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record owns."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import Identity
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.owned import Owned
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.tasks.configure import _reasons_to_keep

from tests.support.builders import make_config, make_operation, make_record
from tests.support.identities import make_identity_of
from tests.support.owned_resources import NEXT, OWNING, STANDBY

EVERYTHING = make_identity_of(
    network_interface_id="eni-own",
    next_interface=NEXT,
    previous_network_interface_id="eni-previous",
    instance_id="i-own",
    primary_network_interface_id="eni-primary",
    standby=STANDBY,
    previous_instance_id="i-previous",
    allocation_id="eipalloc-own",
    allocated=True,
    spare_allocation_ids=("eipalloc-spare",),
)


def test_a_record_owns_each_kind_its_present_resource_first():
    assert make_record(identity=EVERYTHING).owns == Owned(
        network_interfaces=("eni-own", "eni-next", "eni-previous"),
        disposable_interfaces=("eni-primary", "eni-standby"),
        instances=("i-own", "i-standby", "i-previous"),
        addresses=("eipalloc-own", "eipalloc-spare"),
    )


def test_a_new_record_owns_nothing():
    assert make_record().owns == Owned()
    assert make_record().owns.ids == frozenset()


@pytest.mark.parametrize("way", OWNING)
def test_each_field_that_names_a_resource_owns_it(way):
    identity, ids = OWNING[way]
    assert make_record(identity=make_identity_of(**identity)).owns.ids == ids


@pytest.mark.parametrize("way", OWNING)
def test_a_record_that_owns_anything_is_not_forgotten(way):
    identity, _ids = OWNING[way]
    assert _reasons_to_keep(make_record(identity=make_identity_of(**identity)))
    assert not _reasons_to_keep(make_record())


def test_every_field_of_an_identity_that_may_hold_an_id_is_covered():
    """A new field has to be added to `OWNING`, or here with the reason why it owns nothing."""
    owns_nothing = {
        "adoption",  # what it names is in the other fields as well, as long as it is the node's
        "launch_attempts",
    }
    numbers = {"incarnation", "generation", "out_of_service_since", "seconds_out_of_service"}
    owning = {
        item.name
        for identity, _ids in OWNING.values()
        for item in fields(Identity)
        if getattr(make_identity_of(**identity), item.name)
    }
    assert owning | owns_nothing | numbers == {item.name for item in fields(Identity)}


def test_an_address_that_the_user_gave_is_used_and_not_owned():
    given = make_identity_of(allocation_id="eipalloc-associated", spare_allocation_ids=("eipalloc-configured",))
    operation = make_operation("resume", config=make_config(elastic_ip="eipalloc-of-operation"))
    record = make_record(make_config(elastic_ip="eipalloc-configured"), identity=given, operation=operation)
    assert record.owns.addresses == ("eipalloc-configured",)
    assert record.owns.given_addresses == ("eipalloc-associated", "eipalloc-of-operation")


def test_a_request_for_a_new_address_names_none():
    assert make_record(make_config(elastic_ip="new")).owns == Owned()


def test_an_id_in_a_tag_claims_nothing():
    record = make_record(make_config(tags={"note": "i-victim", "eni-victim": "eipalloc-victim"}))
    assert record.owns.ids == frozenset()
    assert replace(record, name="i-victim").owns.ids == frozenset()
