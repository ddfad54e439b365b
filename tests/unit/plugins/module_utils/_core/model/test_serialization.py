# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records to plain data and back: nothing is lost, and a later version's data is no obstacle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.items import from_item, to_item
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Candidate,
    Config,
    Launch,
    LaunchTemplate,
    Subnet,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.identity import (
    Identity,
    LaunchAttempt,
    RecordedElasticIp,
    RecordedInstance,
    RecordedInterface,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import (
    Failure,
    Intent,
    Operation,
    Record,
    Unfinished,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.serialization import from_dict, to_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import PATIENT, make_config, make_intent, make_operation, make_record, running

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
KEYS = st.text("abcXYZ", min_size=1, max_size=5)
NUMBERS = st.integers(-(10**9), 10**9)
SECONDS = st.floats(0, 10**6, allow_nan=False).map(lambda number: round(number, 6))
PLAIN = st.recursive(
    st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
PARAMETERS = st.dictionaries(KEYS, PLAIN, max_size=4)
TEXTS = st.lists(WORDS, max_size=3).map(tuple)


def build(cls, **fields):
    """Build the dataclass with some of these fields given and the others left at their defaults."""
    return st.fixed_dictionaries({}, optional=fields).map(lambda given: cls(**given))


LAUNCHES = build(
    Launch,
    launch_template=st.builds(LaunchTemplate, id=WORDS, version=WORDS),
    instance_types=TEXTS,
    user_data=WORDS,
    block_device_mappings=st.lists(PARAMETERS, max_size=2).map(tuple),
    metadata_options=PARAMETERS,
    fallback_to_on_demand=st.booleans(),
)
CONFIGS = st.builds(
    Config,
    subnet_id=WORDS,
    private_ip_address=st.none() | WORDS,
    secondary_private_ip_addresses=TEXTS,
    ipv6_address_count=st.integers(0, 9),
    source_dest_check=st.booleans(),
    auto_heal=st.booleans(),
    unhealthy_after=NUMBERS,
    launch=LAUNCHES,
    tags=st.dictionaries(WORDS.filter(bool), WORDS, max_size=3),
)
CANDIDATES = st.builds(Candidate, instance_type=st.none() | WORDS, market=st.sampled_from(["spot", "on_demand"]))
ATTEMPTS = st.builds(
    LaunchAttempt, instance_type=st.none() | WORDS, market=WORDS, message=WORDS, code=st.none() | WORDS
)
FAILURES = st.builds(Failure, code=WORDS, message=WORDS, phase=st.none() | WORDS)
INTERFACES = st.builds(RecordedInterface, network_interface_id=WORDS, private_ip_addresses=TEXTS, created_at=NUMBERS)
INSTANCES = st.builds(RecordedInstance, instance_id=WORDS, generation=NUMBERS, launch=PARAMETERS)
IDENTITIES = build(
    Identity,
    interface=st.none() | INTERFACES,
    instance=st.none() | INSTANCES,
    standby=st.none() | INSTANCES,
    elastic_ip=st.none() | st.builds(RecordedElasticIp, allocation_id=WORDS, allocated=st.booleans()),
    generation=NUMBERS,
    launch_attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
)
OPERATIONS = st.builds(
    Operation,
    **dict.fromkeys(("id", "operation", "owner"), WORDS),
    **dict.fromkeys(("started_at", "expires_at", "from_generation", "target_generation"), NUMBERS),
    config=CONFIGS,
    timings=st.dictionaries(KEYS, SECONDS, max_size=3),
    done=st.booleans(),
    error=st.none() | FAILURES,
)
INTENTS = st.builds(
    Intent,
    action=st.sampled_from(["RunInstances", "AllocateAddress"]),
    token=WORDS,
    parameters=PARAMETERS,
    number=NUMBERS,
    candidate=st.none() | CANDIDATES,
)
RECORDS = st.builds(
    Record,
    name=WORDS.filter(bool),
    config=CONFIGS,
    subnet=st.builds(
        Subnet,
        **dict.fromkeys(("subnet_id", "vpc_id", "availability_zone", "cidr_block"), WORDS),
        assigns_public_ip=st.booleans(),
    ),
    desired=st.sampled_from([None, "running", "paused"]),
    identity=IDENTITIES,
    operation=st.none() | OPERATIONS,
    unfinished=st.none()
    | st.builds(Unfinished, operation=WORDS, from_generation=NUMBERS, target_generation=NUMBERS, error=FAILURES),
    intent=st.none() | INTENTS,
)


@PATIENT
@given(RECORDS)
def test_a_record_comes_back_as_it_was(record):
    assert from_dict(Record, to_dict(record)) == record


@settings(PATIENT, max_examples=60)
@given(RECORDS)
def test_a_record_comes_back_from_an_item_as_it_was(record):
    """An intent is replayed from there: a parameter of another type would be another call."""
    back = from_dict(Record, from_item(to_item(to_dict(record))))
    assert back == record
    assert repr(replace(back, operation=None)) == repr(replace(record, operation=None))


@PATIENT
@given(RECORDS)
def test_plain_data_is_plain_all_through(record):
    """DynamoDB's serializer takes nothing else."""

    def plain(value):
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(item) for key, item in value.items())
        return all(map(plain, value)) if isinstance(value, list) else isinstance(value, (str, int, float))

    assert plain(to_dict(record))


def test_absent_fields_are_left_out_and_empty_ones_kept():
    """Conditions ask whether `operation` exists; a list that was cleared is no list left out."""
    stored = to_dict(make_record(make_config(security_groups=())))
    assert "operation" not in stored
    assert "intent" not in stored
    assert "interface" not in stored["identity"]
    assert stored["config"]["security_groups"] == []


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("config",),
        ("config", "launch"),
        ("identity",),
        ("identity", "interface"),
        ("operation",),
        ("operation", "config"),
        ("intent",),
    ],
)
def test_a_later_versions_fields_are_dropped(path):
    record = replace(running(), operation=make_operation("resume"), intent=make_intent("RunInstances"))
    stored = part = to_dict(record)
    for key in path:
        part = part[key]
    part["invented_later"] = {"any": ["thing"]}
    assert from_dict(Record, stored) == record


def test_an_earlier_versions_missing_fields_get_their_defaults():
    stored = to_dict(running())
    del stored["identity"]["launch_attempts"]
    for name in ("tag_keys", "associate_public_ip_address"):
        del stored["identity"]["interface"][name]
    assert from_dict(Record, stored) == running()


def test_a_null_is_a_field_left_out():
    assert from_dict(Record, {**to_dict(running()), "operation": None}) == running()


def test_numbers_get_the_type_that_the_field_has():
    """A store may give whole numbers as floats, and floats as whole numbers."""
    back = from_dict(Record, {**to_dict(running()), "config_version": 3.0})
    assert repr(back.config_version) == "3"


def test_each_record_made_without_an_id_has_one_of_its_own():
    fields = {"name": "db-1", "config": make_config(), "subnet": make_record().subnet}
    assert Record(**fields).id != Record(**fields).id


def test_a_launch_by_the_templates_own_type_comes_back():
    """Its candidate has no instance type, and a field that is None is left out of the item."""
    own_type = Candidate(market="spot")
    refused = LaunchAttempt(market="spot", code="InsufficientInstanceCapacity", message="none")
    record = replace(
        running(launch_attempts=(refused,)), intent=replace(make_intent("RunInstances"), candidate=own_type)
    )
    assert from_dict(Record, to_dict(record)) == record


def test_plain_values_are_made_plain_at_any_depth():
    """Options and parameters may hold anything that Python builds them of."""
    assert to_dict({"a": ({"b": (1, [Candidate(market="spot")])},)}) == {"a": [{"b": [1, [{"market": "spot"}]]}]}
