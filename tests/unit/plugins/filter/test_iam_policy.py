# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters say which of their arguments is wrong, and fill in those that are right."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stateful_node.aws.plugins.filter import iam_policies as several
from ansible_collections.stateful_node.aws.plugins.filter import iam_policy as single

iam_policy = single.FilterModule().filters()["iam_policy"]
iam_policies = several.FilterModule().filters()["iam_policies"]
ARN = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/staging"


def listed(value):
    return [value] if isinstance(value, str) else value


def test_the_arn_of_the_table_tells_the_rest():
    text = json.dumps(iam_policy("pause", table_arn=ARN))
    assert '"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/staging-history"' in text
    assert '"arn:aws-cn:ec2:cn-north-1:123456789012:instance/*"' in text
    assert '"arn:aws-cn:ec2:cn-north-1::image/*"' in text
    assert '{"aws:ResourceTag/stateful_node:table": "staging"}' in text
    assert "arn:aws:" not in text


def test_what_most_nodes_do_not_need_is_there_only_when_it_is_named():
    assert "iam:" not in json.dumps(iam_policy("resume"))
    assert "kms:" not in json.dumps(iam_policy("resume"))
    named = iam_policy(
        "resume",
        table_arn=ARN,
        instance_role_arns="arn:aws-cn:iam::123456789012:role/a, arn:aws-cn:iam::123456789012:role/b",
        kms_key_arns=["arn:aws-cn:kms:cn-north-1:123456789012:key/1"],
        create_spot_role="true",
        explain_refusals=True,
    )
    actions = {action: statement for statement in named["Statement"] for action in listed(statement["Action"])}
    assert actions["iam:PassRole"]["Resource"] == [f"arn:aws-cn:iam::123456789012:role/{name}" for name in "ab"]
    assert actions["iam:PassRole"]["Condition"]["StringEquals"] == {"iam:PassedToService": "ec2.amazonaws.com.cn"}
    assert actions["kms:CreateGrant"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    assert {"iam:CreateServiceLinkedRole", "sts:DecodeAuthorizationMessage"} <= set(actions)


def test_several_playbooks_have_one_policy():
    both = iam_policy("pause, resume")
    assert both == iam_policy(["resume", "pause"])
    actions = {action for statement in both["Statement"] for action in listed(statement["Action"])}
    assert {"ec2:TerminateInstances", "ec2:AllocateAddress"} <= actions


@pytest.mark.parametrize(
    ("playbooks", "options", "words"),
    [
        ([], {}, "'' has no policy"),
        ("start", {}, "'start' has no policy. Name some of adopt, config"),
        ("resume", {"table_arn": "stateful-nodes"}, "table_arn 'stateful-nodes' is not the ARN"),
        ("resume", {"account_id": "1234"}, "account_id '1234' is not an account's 12 digits"),
        ("resume", {"region": "Frankfurt"}, "region 'Frankfurt' is not a region"),
        ("resume", {"instance_role_arns": ["cassandra"]}, "instance_role_arns 'cassandra' is not the ARN of a role"),
        ("resume", {"kms_key_arns": "alias/a"}, "kms_key_arns 'alias/a' is not the ARN of a key"),
        ("resume", {"roles": "a"}, "there is no option roles"),
        (
            ["adopt", "delete", "orphans", "repair", "setup"],
            {"table_arn": ARN},
            "iam_policies, which makes 2 documents",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_name(playbooks, options, words):
    with pytest.raises(AnsibleFilterError, match=words.replace("(", r"\(")):
        iam_policy(playbooks, **options)


def test_a_policy_that_iam_would_not_take_comes_as_several_documents():
    roles = [f"arn:aws-cn:iam::123456789012:role/cassandra-{number}" for number in range(60)]
    first, second = iam_policies(["pause", "resume"], table_arn=ARN, instance_role_arns=roles)
    (passing,) = (item for item in (*first["Statement"], *second["Statement"]) if item["Action"] == "iam:PassRole")
    assert passing["Resource"] == roles
    assert iam_policies("pause", table_arn=ARN) == [iam_policy("pause", table_arn=ARN)]


def test_a_statement_that_cannot_be_divided_is_refused_by_name():
    roles = [f"arn:aws-cn:iam::123456789012:role/cassandra-{number}" for number in range(200)]
    with pytest.raises(AnsibleFilterError, match="iam_policies: the statement PassToEc2InstanceRole alone has more"):
        iam_policies("resume", table_arn=ARN, instance_role_arns=roles)
