# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading events: those that EC2 documents, and whatever else may lie on a queue."""

from __future__ import annotations

import json

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._core.lifecycle.instance_events import (
    EXCERPT_LENGTH,
    LONGEST_MESSAGE,
    Event,
    OtherEventError,
    UnreadableEventError,
    excerpt,
    parse_event,
    rebuild_event,
)
from hypothesis import given
from hypothesis import strategies as st

INTERRUPTION = {
    "version": "0",
    "id": "12345678-1234-1234-1234-123456789012",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2023-11-14T22:13:20Z",
    "region": "us-east-2",
    "resources": ["arn:aws:ec2:us-east-2a:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "instance-action": "terminate"},
}
"""As in https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html"""


def without(*path):
    changed = json.loads(json.dumps(INTERRUPTION))
    *parents, key = path
    inner = changed
    for parent in parents:
        inner = inner[parent]
    del inner[key]
    return changed


@pytest.mark.parametrize(
    ("detail_type", "kind"),
    [
        ("EC2 Spot Instance Interruption Warning", "interruption"),
        ("EC2 Instance Rebalance Recommendation", "rebalance"),
        ("EC2 Instance State-change Notification", "state_change"),
    ],
)
@pytest.mark.parametrize("given_as", [json.dumps, lambda event: json.dumps(event).encode(), dict])
def test_an_event_is_read(detail_type, kind, given_as):
    """As text, as SQS has it, and parsed, as Event-Driven Ansible hands it over."""
    event = parse_event(given_as({**INTERRUPTION, "detail-type": detail_type}))
    assert event == Event(
        kind=kind,
        instance_id="i-1234567890abcdef0",
        account="123456789012",
        region="us-east-2",
        time=1_700_000_000,
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * LONGEST_MESSAGE, "not valid JSON"),
        (f'{{"x": {"9" * 10_000}}}', "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (None, "not a JSON object"),
        ("null", "not a JSON object"),
        ('"EC2"', "not a JSON object"),
        ("[]", "not a JSON object"),
        ({}, "no source and detail-type"),
        (without("source"), "no source and detail-type"),
        ({**INTERRUPTION, "detail-type": ["EC2"]}, "no source and detail-type"),
        (without("detail"), "detail.instance-id"),
        (without("detail", "instance-id"), "detail.instance-id"),
        ({**INTERRUPTION, "detail": "i-1234567890abcdef0"}, "detail.instance-id"),
        ({**INTERRUPTION, "detail": {"instance-id": 7}}, "detail.instance-id"),
        ({**INTERRUPTION, "detail": {"instance-id": "i-*"}}, "detail.instance-id"),
        ({**INTERRUPTION, "time": "soon"}, "not an ISO 8601 timestamp"),
        ({**INTERRUPTION, "time": 7}, "not an ISO 8601 timestamp"),
        ({**INTERRUPTION, "time": "2023-13-14T22:13:20Z"}, "not an ISO 8601 timestamp"),
        ({**INTERRUPTION, "time": "2023-11-14T22:13:20Z{{ x }}"}, "not an ISO 8601 timestamp"),
        ({**INTERRUPTION, "time": "2023-11-14T22:13:20Z\n"}, "not an ISO 8601 timestamp"),
        (without("account"), "not an AWS account id"),
        ({**INTERRUPTION, "account": "{{ lookup('pipe', 'id') }}"}, "not an AWS account id"),
        ({**INTERRUPTION, "account": "\u0661" * 12}, "not an AWS account id"),
        (without("region"), "not a region"),
        ({**INTERRUPTION, "region": "\ud800"}, "not a region"),
        ({**INTERRUPTION, "detail": {"instance-id": "i-1234567890abcdef0\n"}}, "detail.instance-id"),
        (" " * (LONGEST_MESSAGE + 1), "longer than"),
        (json.dumps({**INTERRUPTION, "x": "y" * LONGEST_MESSAGE}), "longer than"),
    ],
)
def test_what_is_no_event_says_why(body, words):
    with pytest.raises(UnreadableEventError, match=words):
        parse_event(body)


@pytest.mark.parametrize("other", [{"source": "aws.autoscaling"}, {"detail-type": "EC2 Fleet Error"}])
def test_an_event_of_something_else_is_told_from_one_that_cannot_be_read(other):
    with pytest.raises(OtherEventError, match=next(iter(other.values()))):
        parse_event({**INTERRUPTION, **other})


def test_an_event_of_something_else_is_quoted_cut_and_escaped():
    with pytest.raises(OtherEventError) as caught:
        parse_event({**INTERRUPTION, "source": "\ud800\n\x1b[2J", "detail-type": "y" * 100_000})
    text = str(caught.value)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) < 200


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("EC2 Fleet Error", "'EC2 Fleet Error'"),
        ("", "''"),
        ("\ud800", "'\\ud800'"),
        ("a\nb\x1b", "'a\\nb\\x1b'"),
        ("x" * EXCERPT_LENGTH, f"'{'x' * EXCERPT_LENGTH}'"),
        ("x" * (EXCERPT_LENGTH + 1), f"'{'x' * EXCERPT_LENGTH}...'"),
    ],
)
def test_an_excerpt(text, quoted):
    assert excerpt(text) == quoted


@given(st.text())
def test_an_excerpt_of_any_text_is_short_ascii_in_one_line(text):
    quoted = excerpt(text)
    assert quoted.isascii()
    assert quoted.isprintable()
    assert len(quoted) <= EXCERPT_LENGTH + len("''...")


@pytest.mark.parametrize("given_as", [json.dumps, dict])
def test_an_event_is_composed_again_from_what_was_validated(given_as):
    """Whatever else is in a message is left behind, wherever it is."""
    evil = "{{ lookup('pipe', 'id') }}"
    detail = {**INTERRUPTION["detail"], evil: evil, "instance-action": evil}
    body = {**INTERRUPTION, "id": evil, "resources": [evil], "x": {evil: evil}, "detail": detail}
    rebuilt = rebuild_event(given_as(body))
    assert rebuilt == {
        **{key: INTERRUPTION[key] for key in ("source", "detail-type", "account", "region", "time")},
        "detail": {"instance-id": "i-1234567890abcdef0"},
    }
    assert parse_event(rebuilt) == parse_event(INTERRUPTION)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*INTERRUPTION]) | st.text(), inner, max_size=5)
        ),
        max_leaves=20,
    )
)
def test_whatever_comes_nothing_else_is_raised(body):
    for given_as in (body, json.dumps(body)):
        try:
            assert isinstance(parse_event(given_as), Event)
        except (UnreadableEventError, OtherEventError):
            pass
