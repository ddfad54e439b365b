# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies as documents: IAM takes them, they are what is shipped, and nothing is scoped less than it can be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.stateful_node.aws.plugins.filter.iam_policy import FilterModule
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.permissions import (
    PERMISSIONS,
    PLAYBOOKS,
    SCOPES,
    Permission,
    permissions_of,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._core.access.policy_documents import (
    LIMIT,
    Account,
    compose_policies,
    compose_policy,
)

from tests.emulator.iam.documents import Request, evaluate
from tests.emulator.iam.reference import Kind, kinds_of

from .world import ACCOUNT, one_by_one

iam_policy = FilterModule().filters()["iam_policy"]
DOCS = Path(__file__).resolve().parents[2] / "docs"
KINDS = {
    "history": "table",
    "image-parameter": "parameter",
    "instance-role": "role",
    "queues": "queue",
    "rule": "rule-on-default-event-bus",
    "spot-role": "role",
    "volume-key": "key",
}
LARGEST = Account(
    table_name="production-stateful-nodes-of-the-west",
    partition="aws-us-gov",
    region="us-gov-east-1",
    account_id="123456789012",
    instance_role_arns=("arn:aws-us-gov:iam::123456789012:role/cassandra",),
    kms_key_arns=("arn:aws-us-gov:kms:us-gov-east-1:123456789012:key/11112222-3333-4444-5555-666677778888",),
    create_spot_role=True,
    explain_refusals=True,
)


def known(permission: Permission) -> Kind | None:
    """What AWS's reference says of the action on that kind of resource."""
    service, action = permission.action.split(":")
    return kinds_of(service, action).get(KINDS.get(permission.resources, permission.resources))


@pytest.mark.parametrize("permission", [*one_by_one(PERMISSIONS)], ids=lambda item: f"{item.action} {item.resources}")
def test_aws_scopes_by_what_the_table_scopes_by(permission: Permission) -> None:
    """An action on `*` is one that AWS authorizes on nothing smaller, and each condition key is one that AWS gives."""
    service, action = permission.action.split(":")
    if permission.resources in ("*", "refusal"):
        assert not kinds_of(service, action)
        return
    kind = known(permission)
    assert kind, f"{permission.action} is not authorized on {permission.resources}"
    keys = {key.lower() for operator in SCOPES[permission.scope].values() for key in operator}
    assert set(kind.select({key: [""] for key in keys})) == keys


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_an_action_is_allowed_on_all_kinds_that_aws_requires(playbook: str) -> None:
    kinds: dict[str, set[str]] = {}
    for item in one_by_one(permissions_of(playbook)):
        kinds.setdefault(item.action, set()).add(KINDS.get(item.resources, item.resources))
    for action, allowed in ((action, allowed) for action, allowed in kinds.items() if action.startswith("ec2:")):
        required = {name for name, kind in kinds_of(*action.split(":")).items() if kind.required}
        assert required <= allowed, action


def test_what_could_be_scoped_by_a_tag_and_is_not_is_listed_here() -> None:
    """Each with its reason in the guide."""
    unscoped = {
        f"{item.action.partition(':')[2]} {item.resources}"
        for item in one_by_one(PERMISSIONS)
        if item.scope == "Any" and item.action.startswith("ec2:") and item.resources != "*"
        and known(item).select({"aws:resourcetag/a": [""], "aws:requesttag/a": [""]})
    }  # fmt: skip
    assert unscoped == {
        "AssociateAddress elastic-ip",
        "CancelSpotInstanceRequests spot-instances-request",
        "CreateNetworkInterface security-group",
        "CreateNetworkInterface subnet",
        "DisassociateAddress elastic-ip",
        "ModifyNetworkInterfaceAttribute security-group",
        "RunInstances capacity-reservation",
        "RunInstances image",
        "RunInstances key-pair",
        "RunInstances launch-template",
        "RunInstances network-interface",
        "RunInstances placement-group",
        "RunInstances security-group",
        "RunInstances snapshot",
        "RunInstances subnet",
    }


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_statements_that_are_put_together_allow_what_each_permission_does_and_no_more(playbook: str) -> None:
    """In one document, an action is allowed on a resource where a permission of its own says so.

    Of those on which AWS decides about the action: what a statement says of others says nothing.
    """
    documents = [compose_policy(permissions_of(playbook), ACCOUNT)]
    own = list(one_by_one(permissions_of(playbook)))
    kinds = {kind for item in PERMISSIONS for kind in item.resources.split()}
    for action in {item.action for item in PERMISSIONS}:
        single = compose_policy([item for item in own if item.action == action], ACCOUNT)
        for arn in (arn for kind in kinds if is_asked_for(action, kind) for arn in ACCOUNT.arns(kind)):
            request = Request(action, arn.replace("*", "1"), CONTEXT)
            assert evaluate(documents, request).allowed == evaluate([single], request).allowed, (action, arn)


def is_asked_for(action: str, kind: str) -> bool:
    known = kinds_of(*action.split(":"))
    return not known or KINDS.get(kind, kind) in known


CONTEXT = {
    "aws:resourcetag/stateful_node:table": ["stateful-nodes"],
    "aws:requesttag/stateful_node:table": ["stateful-nodes"],
    "ec2:createaction": ["RunInstances"],
    "aws:tagkeys": ["stateful_node:table"],
    "aws:calledvia": ["cloudformation.amazonaws.com"],
    "iam:passedtoservice": ["ec2.amazonaws.com"],
    "iam:awsservicename": ["spot.amazonaws.com"],
}


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_policy_with_all_that_can_be_asked_for_fits(playbook: str) -> None:
    (policy,) = compose_policies(permissions_of(playbook), LARGEST)
    assert len(json.dumps(policy, separators=(",", ":"))) <= LIMIT
    identifiers = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(identifiers)) == len(identifiers)
    assert all(identifier.isalnum() for identifier in identifiers)


def test_a_policy_that_is_too_long_comes_as_several_that_are_not() -> None:
    """With the same statements in the same order."""
    everything = permissions_of(*PLAYBOOKS)
    documents = compose_policies(everything, LARGEST)
    assert len(documents) == 2
    assert all(len(json.dumps(document, separators=(",", ":"))) <= LIMIT for document in documents)
    together = [statement for document in documents for statement in document["Statement"]]
    assert together == compose_policy(everything, LARGEST)["Statement"]


def test_the_role_setup_writes_all_of_them() -> None:
    tasks = yaml.safe_load((DOCS.parent / "roles/setup/tasks/main.yml").read_text())
    (names,) = (task["loop"] for task in tasks if task["name"] == "Write the policies of the playbooks")
    assert names == list(PLAYBOOKS)


def test_the_shipped_files_are_up_to_date() -> None:
    """`scripts/iam_policies` writes them."""
    shipped = {path.stem: json.loads(path.read_text()) for path in (DOCS / "iam").glob("*.json")}
    assert shipped == {playbook: iam_policy(playbook) for playbook in PLAYBOOKS}


def test_the_guide_tells_of_each_policy_and_shows_the_statements_as_they_are() -> None:
    guide = (DOCS / "guides" / "iam.md").read_text()
    assert set(re.findall(r"^\| `(\w+)\.json` \|", guide, re.MULTILINE)) == set(PLAYBOOKS)
    named = {"instance_role_arns": ROLE, "kms_key_arns": KEY, "explain_refusals": True}
    composed = iam_policy("resume", table_arn=TABLE_ARN, **named)
    statements = {statement["Sid"]: statement for statement in composed["Statement"]}
    decoder = json.JSONDecoder()
    shown = [decoder.raw_decode(guide[found.start() :])[0] for found in re.finditer(r'\{\s*"Sid"', guide)]
    assert [statement["Sid"] for statement in shown] == [
        "PassToEc2InstanceRole", "ForEc2VolumeKey", "GrantToEc2VolumeKey", "AnyRefusal"
    ]  # fmt: skip
    assert [statement for statement in shown if statement != statements[statement["Sid"]]] == []


TABLE_ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/stateful-nodes"
ROLE = "arn:aws:iam::123456789012:role/cassandra"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/11112222-3333-4444-5555-666677778888"


@pytest.mark.parametrize("kind", ["capacity-reservation", "placement-group", "security-group", "subnet"])
def test_what_another_account_may_share_is_allowed_in_any_account(kind: str) -> None:
    """A subnet shared by Resource Access Manager has the ARN of its owner's account."""
    account = Account(table_name="nodes", partition="aws", region="us-east-1", account_id=ACCOUNT)
    arns = account.arns(kind)
    assert arns == (f"arn:aws:ec2:us-east-1:*:{kind}/*",)
