# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy denies what it is to deny, to all but the roles that are named."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter.protection_policy import GIVING_TAGS, FilterModule
from ansible_collections.stateful_node.aws.plugins.module_utils._core.model import tags

from tests.emulator.iam.documents import Request, evaluate

protection_policy = FilterModule().filters()["protection_policy"]
ROLE = "arn:aws:iam::123456789012:role/ansible"
OURS = {tags.TABLE: "stateful-nodes"}


ADMIN = "arn:aws:iam::123456789012:role/admin"
KINDS = ("instance", "network-interface", "elastic-ip", "spot-instances-request", "volume", "snapshot")


def is_denied(policy, action, principal, tags, given=None, kind="network-interface"):
    """Evaluate the policy as the emulator's IAM does; `tags` are the resource's, `given` those of the request."""
    context = {"aws:principalarn": [principal]}
    context |= {f"aws:resourcetag/{key}".lower(): [value] for key, value in tags.items()}
    context |= {f"aws:requesttag/{key}".lower(): [value] for key, value in (given or {}).items()}
    context |= {"aws:tagkeys": list(given)} if given else {}
    resource = f"arn:aws:ec2:us-east-1:123456789012:{kind}/x"
    return evaluate([policy], Request(action, resource, context)).explicit_deny


@pytest.mark.parametrize(
    ("action", "given", "denied"),
    [
        ("ec2:DeleteNetworkInterface", None, True),
        ("ec2:DetachNetworkInterface", None, True),
        ("ec2:AttachNetworkInterface", None, True),
        ("ec2:RunInstances", None, False),
        ("ec2:DeleteTags", None, True),
        ("ec2:CreateTags", {tags.NAME: "other"}, True),
        ("ec2:CreateTags", {"cost-centre": "1"}, False),
        ("ec2:ModifyNetworkInterfaceAttribute", None, False),
        ("ec2:DescribeNetworkInterfaces", None, False),
    ],
)
def test_others_may_not_take_a_nodes_interface_away(action, given, denied):
    policy = protection_policy([ROLE])
    assert is_denied(policy, action, ADMIN, OURS, given) is denied
    assert not is_denied(policy, action, ROLE, OURS, given)
    assert not is_denied(policy, action, ADMIN, {}, given)
    assert not is_denied(policy, action, ADMIN, {tags.TABLE: "other"}, given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", GIVING_TAGS)
def test_others_may_not_give_the_tables_tag_to_anything(action, kind):
    policy = protection_policy([ROLE])
    assert is_denied(policy, action, ADMIN, {}, {**OURS, "Name": "x"}, kind)
    assert not is_denied(policy, action, ROLE, {}, OURS, kind)
    assert not is_denied(policy, action, ADMIN, {}, {"Name": "x"}, kind)
    assert not is_denied(policy, action, ADMIN, {}, {tags.TABLE: "other"}, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_others_may_not_change_or_remove_the_tags_of_any_resource_of_the_table(kind):
    policy = protection_policy([ROLE])
    for given in ({tags.TABLE: "other"}, {tags.NAME: "x"}, {tags.GENERATION: "9"}, {tags.INTENT: "t"}):
        assert is_denied(policy, "ec2:CreateTags", ADMIN, OURS, given, kind)
        assert not is_denied(policy, "ec2:CreateTags", ROLE, OURS, given, kind)
    assert is_denied(policy, "ec2:DeleteTags", ADMIN, OURS, None, kind)
    assert not is_denied(policy, "ec2:CreateTags", ADMIN, OURS, {"Name": "x"}, kind)
    assert not is_denied(policy, "ec2:TerminateInstances", ADMIN, OURS, None, kind)


def test_the_table_and_several_roles_are_taken():
    policy = protection_policy(f"{ROLE}, arn:aws:iam::*:role/ci-*", table_name="staging")
    assert is_denied(policy, "ec2:DeleteNetworkInterface", "arn:aws:iam::1:role/dev", {tags.TABLE: "staging"})
    assert not is_denied(policy, "ec2:DeleteNetworkInterface", "arn:aws:iam::9:role/ci-7", {tags.TABLE: "staging"})


def test_it_fits_into_a_service_control_policy():
    """Which has 5120 characters at the most; a managed policy has 6144."""
    assert len(json.dumps(protection_policy([ROLE] * 5))) < 5120


@pytest.mark.parametrize(
    "wrong",
    ["", [], "ansible", "arn:aws:sts::123456789012:assumed-role/ansible/me", "arn:aws:iam::123456789012:user/me"],
)
def test_what_is_no_role_is_refused_with_an_example(wrong):
    with pytest.raises(AnsibleFilterError, match="arn:aws:iam::123456789012:role/NAME"):
        protection_policy(wrong)
