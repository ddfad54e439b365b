# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as the tests of the store write them, and what they do with a store again and again."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.config import (
    Candidate,
    Config,
    Launch,
    Subnet,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model.record import (
    Failure,
    Intent,
    Operation,
    Record,
    Unfinished,
)

from tests.support.identities import make_identity_of

SUBNET = Subnet(
    subnet_id="subnet-1",
    vpc_id="vpc-1",
    availability_zone="us-east-1a",
    cidr_block="10.0.1.0/24",
    assigns_public_ip=False,
)
CONFIG = Config(
    subnet_id="subnet-1",
    tags={"a": "", "ü": "1"},
    launch=Launch(image_id="ami-1", instance_types=("t3.micro",), metadata_options={"http_put_response_hop_limit": 2}),
)
OPERATION = Operation(
    id="op-1", operation="resume", owner="ann", started_at=1, expires_at=301, from_generation=0, target_generation=0,
    config=CONFIG, timings={"interface": 1.25, "launch": 2.0},
)  # fmt: skip
INTENT = Intent(
    action="RunInstances", token="t", parameters={"Placement": {"AvailabilityZone": "a"}, "Dry": False, "N": 0},
    number=1, candidate=Candidate(market="spot"),
)  # fmt: skip
IDENTITY = make_identity_of(network_interface_id="eni-1", private_ip_addresses=("10.0.1.10",), generation=1)
UNFINISHED = Unfinished(
    operation="replace", from_generation=1, target_generation=2, error=Failure(code="NoCapacity", message="none")
)
RECORD = Record(name="db-1", id="r1", config=CONFIG, subnet=SUBNET)
HELD = replace(RECORD, operation=OPERATION, desired="running")
FULL = replace(HELD, identity=IDENTITY, intent=INTENT, unfinished=UNFINISHED)


def stored(store, name="db-1"):
    return store.get([name]).get(name)


def hold(store, operation, name="db-1"):
    store.update(name, {"operation": operation, "desired": "running", "unfinished": None}, {"operation": None})


TAKE = {"operation": OPERATION, "desired": "running", "unfinished": None}
REPEATED = {
    "create": (None, "PutItem", lambda store: store.create(FULL)),
    "take": (RECORD, "UpdateItem", lambda store: store.update("db-1", TAKE, {"operation": None})),
    "take over": (
        replace(HELD, operation=replace(OPERATION, id="op-0")),
        "UpdateItem",
        lambda store: store.update("db-1", TAKE, {"operation.id": "op-0"}),
    ),
    "give back": (
        FULL,
        "UpdateItem",
        lambda store: store.update("db-1", {"operation": None, "unfinished": UNFINISHED}, {"operation.id": "op-1"}),
    ),
    "renew": (
        HELD,
        "UpdateItem",
        lambda store: store.update("db-1", {"operation.expires_at": 999}, {"operation.id": "op-1"}),
    ),
    "configure": (
        RECORD,
        "UpdateItem",
        lambda store: store.write_config(RECORD, replace(CONFIG, tags={}), SUBNET),
    ),
    "forget": (RECORD, "DeleteItem", lambda store: store.forget(RECORD)),
    "remove": (HELD, "DeleteItem", lambda store: store.remove("db-1", "op-1")),
}
"""By what is done: the record before, the action, and the call."""


class OneAtATime:
    """A DynamoDB under load: it answers one key and leaves the others unprocessed."""

    def __init__(self, client):
        self._client = client

    def batch_get_item(self, RequestItems):  # noqa: N803 - boto3's name
        ((table, request),) = RequestItems.items()
        first, *others = request["Keys"]
        answer = self._client.batch_get_item(RequestItems={table: {**request, "Keys": [first]}})
        return {**answer, "UnprocessedKeys": {table: {**request, "Keys": others}} if others else {}}
