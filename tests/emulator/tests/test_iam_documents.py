# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a policy document allows: the evaluator against cases of IAM's own description."""

from __future__ import annotations

import pytest

from tests.emulator.iam.documents import Request, evaluate, parsed

ARN = "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-1"


def statement(**more):
    return {"Effect": "Allow", "Action": "ec2:DeleteNetworkInterface", "Resource": "*", **more}


def allows(*statements, action="ec2:DeleteNetworkInterface", **context):
    keys = {key.replace("_", ":", 1): values for key, values in context.items()}
    return evaluate([{"Version": "2012-10-17", "Statement": list(statements)}], Request(action, ARN, keys)).allowed


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ({}, True),
        ({"Action": ["ec2:Describe*", "ec2:delete*"]}, True),
        ({"Action": "ec2:DeleteNetworkInterfaces"}, False),
        ({"Resource": ["arn:aws:ec2:*:*:network-interface/*"]}, True),
        ({"Resource": "arn:aws:ec2:*:*:instance/*"}, False),
        ({"Resource": "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-?"}, True),
        ({"Resource": "arn:aws:ec2:us-east-1:123456789012:network-interface/[e]ni-1"}, False),
    ],
)
def test_actions_and_resources_have_wildcards(more, allowed):
    assert allows(statement(**more)) is allowed


def test_nothing_is_allowed_that_is_not_allowed_and_a_denial_wins():
    assert not allows()
    denial = statement(Effect="Deny", Sid="Keep")
    assert not allows(statement(), denial)
    decided = evaluate([{"Statement": [statement(), denial]}], Request("ec2:DeleteNetworkInterface", ARN))
    assert (decided.explicit_deny, decided.statements) == (True, ("Keep",))


@pytest.mark.parametrize(
    ("condition", "found", "allowed"),
    [
        ({"StringEquals": {"aws:Table": "a"}}, ["a"], True),
        ({"StringEquals": {"aws:Table": ["a", "b"]}}, ["b"], True),
        ({"StringEquals": {"aws:Table": "a"}}, ["A"], False),
        ({"StringEquals": {"aws:Table": "a"}}, None, False),
        ({"StringEqualsIfExists": {"aws:Table": "a"}}, None, True),
        ({"StringEqualsIfExists": {"aws:Table": "a"}}, ["b"], False),
        ({"StringNotEquals": {"aws:Table": "a"}}, None, True),
        ({"StringNotEquals": {"aws:Table": ["a", "b"]}}, ["b"], False),
        ({"StringLike": {"aws:Table": "a*"}}, ["abc"], True),
        ({"StringEquals": {"aws:Table": "a*"}}, ["abc"], False),
        ({"ForAllValues:StringEquals": {"aws:Table": ["a", "b"]}}, ["a", "b"], True),
        ({"ForAllValues:StringEquals": {"aws:Table": ["a", "b"]}}, ["a", "c"], False),
        ({"ForAllValues:StringEquals": {"aws:Table": ["a"]}}, None, True),
        ({"ForAnyValue:StringEquals": {"aws:Table": ["a"]}}, ["a", "c"], True),
        ({"ForAnyValue:StringEquals": {"aws:Table": ["a"]}}, None, False),
        ({"Null": {"aws:Table": "true"}}, None, True),
        ({"Null": {"aws:Table": "false"}}, None, False),
        ({"Null": {"aws:Table": "false"}}, ["a"], True),
        ({"Bool": {"aws:Table": "true"}}, ["True"], True),
        ({"ArnNotLike": {"aws:Table": "arn:aws:iam::*:role/a"}}, ["arn:aws:iam::1:role/b"], True),
        ({"StringEquals": {"aws:Table": "a"}, "Null": {"aws:Other": "false"}}, ["a"], False),
    ],
)
def test_all_conditions_have_to_hold(condition, found, allowed):
    context = {} if found is None else {"aws_table": found}
    assert allows(statement(Condition=condition), **context) is allowed


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"Condition": {"NumericEquals": {"a": 1}}}, "NumericEquals"),
        ({"NotAction": "ec2:*"}, "NotAction"),
        ({"Resource": "arn:aws:s3:::${aws:username}"}, "policy variables"),
        ({"Effect": "allow"}, "allow"),
    ],
)
def test_what_is_not_understood_is_refused(more, words):
    with pytest.raises(ValueError, match=words):
        parsed({"AKIA": [{"Statement": statement(**more)}]})
