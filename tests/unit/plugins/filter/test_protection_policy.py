# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy denies what it is to deny, to all but the roles that are named."""

from __future__ import annotations

import fnmatch
import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter.protection_policy import FilterModule
from ansible_collections.stateful_node.aws.plugins.module_utils._core import tags

protection_policy = FilterModule().filters()["protection_policy"]
ROLE = "arn:aws:iam::123456789012:role/ansible"
OURS = {tags.TABLE: "stateful-nodes"}
INTERFACE = "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-1"


def is_denied(policy, action, principal, resource_tags, tag_keys=None):
    """Evaluate the operators that the policy uses, as IAM does: all conditions of a statement have to hold."""
    return any(_applies(statement, action, principal, resource_tags, tag_keys) for statement in policy["Statement"])


def _applies(statement, action, principal, resource_tags, tag_keys):
    condition = statement["Condition"]
    ((tag, table),) = condition["StringEquals"].items()
    assert set(condition) <= {"StringEquals", "ArnNotLike", "ForAnyValue:StringLike"}
    patterns = condition.get("ForAnyValue:StringLike", {}).get("aws:TagKeys")
    return (
        statement["Effect"] == "Deny"
        and action in statement["Action"]
        and fnmatch.fnmatchcase(INTERFACE, statement["Resource"])
        and resource_tags.get(tag.removeprefix("aws:ResourceTag/")) == table
        and not any(fnmatch.fnmatchcase(principal, arn) for arn in condition["ArnNotLike"]["aws:PrincipalArn"])
        and (patterns is None or any(fnmatch.fnmatchcase(key, patterns[0]) for key in tag_keys or ()))
    )


@pytest.mark.parametrize(
    ("action", "keys", "denied"),
    [
        ("ec2:DeleteNetworkInterface", None, True),
        ("ec2:DetachNetworkInterface", None, True),
        ("ec2:DeleteTags", None, True),
        ("ec2:CreateTags", [tags.NAME], True),
        ("ec2:CreateTags", ["cost-centre"], False),
        ("ec2:ModifyNetworkInterfaceAttribute", None, False),
        ("ec2:DescribeNetworkInterfaces", None, False),
    ],
)
def test_others_may_not_take_a_nodes_interface_away(action, keys, denied):
    policy = protection_policy([ROLE])
    assert is_denied(policy, action, "arn:aws:iam::123456789012:role/admin", OURS, keys) is denied
    assert not is_denied(policy, action, ROLE, OURS, keys)
    assert not is_denied(policy, action, "arn:aws:iam::123456789012:role/admin", {}, keys)
    assert not is_denied(policy, action, "arn:aws:iam::123456789012:role/admin", {tags.TABLE: "other"}, keys)


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
