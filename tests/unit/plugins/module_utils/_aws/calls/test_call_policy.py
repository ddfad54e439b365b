# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of calls: each call has one, is made by it, and cannot change EC2 without a fence."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from types import SimpleNamespace
from typing import get_type_hints

import botocore.session
import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.async_ec2 import Ec2Reads, FencedEc2, _write
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.async_store import AsyncQueue, AsyncStore
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.ec2 import Ec2
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.queue import Queue
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.store import Store
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.call_policy import (
    NEEDS_FENCE,
    POLICY,
    CallPolicyError,
    Policy,
    policy_of,
)
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.rate_limits import action_of
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.unfenced import unfenced

from ..fakes import Fence, FenceClosed, InlineExecutor, Script, lost, refused, run

VARIANTS = {
    "modify_network_interface_attribute_if_present": "modify_network_interface_attribute",
    "assign_private_ip_addresses_by_count": "assign_private_ip_addresses",
    "assign_ipv6_addresses_by_count": "assign_ipv6_addresses",
    "delete_tags_if_present": "delete_tags",
    "run_instances_believing_not_found": "run_instances",
    "terminate_instances_if_present": "terminate_instances",
    "terminate_batch": "terminate_instances",
}
"""Calls with a policy of their own, and the method of Ec2 that each makes."""

NOT_CALLS = {"make", "reserve"}
"""Public methods of the awaitable forms that are not calls."""

WRITES = sorted(name for name, policy in POLICY.items() if policy in NEEDS_FENCE)
READS = sorted(name for name in POLICY if name not in WRITES)

GONE = refused("InvalidNetworkInterfaceID.NotFound")
IN_USE = refused("InvalidNetworkInterface.InUse")


def methods_of(cls: type) -> set[str]:
    """Return the names of the methods that a class defines itself, without the private ones."""
    return {name for name, member in vars(cls).items() if inspect.isfunction(member) and not name.startswith("_")}


API_METHODS = {name: service for service in (Ec2, Store, Queue) for name in methods_of(service)}


@pytest.mark.parametrize("name", sorted(API_METHODS))
def test_each_method_has_a_policy(name: str) -> None:
    assert name in POLICY


def test_each_policy_is_that_of_a_method_or_a_variant_of_one() -> None:
    assert POLICY.keys() - API_METHODS.keys() == VARIANTS.keys()
    assert set(VARIANTS.values()) <= methods_of(Ec2)


def test_no_name_is_used_by_two_services() -> None:
    assert len(API_METHODS) == sum(len(methods_of(service)) for service in (Ec2, Store, Queue))


def test_what_needs_a_fence_has_the_fenced_form_and_no_other() -> None:
    assert methods_of(FencedEc2) - NOT_CALLS == set(WRITES)
    unfenced = methods_of(Ec2Reads) | methods_of(AsyncStore) | methods_of(AsyncQueue)
    assert unfenced - NOT_CALLS == set(READS)


@pytest.mark.parametrize("name", WRITES)
def test_a_call_that_changes_ec2_cannot_be_made_without_a_fence(name: str) -> None:
    script = Script(["done"])
    method = VARIANTS.get(name, name)
    ec2 = SimpleNamespace(**{method: script})
    reads = Ec2Reads(InlineExecutor(), ec2)  # type: ignore[arg-type]
    assert not hasattr(reads, name)
    with pytest.raises(CallPolicyError, match=method):
        run(reads.make(method))
    assert script.count == 0


@pytest.mark.parametrize("name", sorted(set(WRITES) & API_METHODS.keys()))
def test_a_call_that_changes_ec2_has_no_form_without_a_fence(name: str) -> None:
    with pytest.raises(CallPolicyError, match=name):
        unfenced(getattr(Ec2, name))


@pytest.mark.parametrize("name", READS)
def test_a_call_that_needs_no_fence_has_no_fenced_form(name: str) -> None:
    with pytest.raises(CallPolicyError, match=name):
        _write(getattr(API_METHODS[name], name))


@pytest.mark.parametrize("fenced", [True, False])
def test_a_call_without_a_policy_is_refused(*, fenced: bool) -> None:
    with pytest.raises(CallPolicyError, match="stop_instances has no entry"):
        policy_of("stop_instances", fenced=fenced)


@pytest.mark.parametrize("name", sorted(methods_of(Ec2) & set(WRITES)))
def test_a_method_that_changes_ec2_is_named_after_its_action(name: str) -> None:
    operations = botocore.session.Session().get_service_model("ec2").operation_names
    assert action_of(name) in operations


@pytest.mark.parametrize("name", [name for name in WRITES if POLICY[name] is Policy.UNTIL_GONE])
def test_what_is_made_until_gone_returns_nothing(name: str) -> None:
    """There is no answer when the thing was gone before."""
    method = getattr(Ec2, VARIANTS.get(name, name))
    assert get_type_hints(method, localns=vars(inspect.getmodule(method)))["return"] is type(None)


def make(name: str, script: Script, fence: Fence) -> None:
    """Make a fenced call to an EC2 that answers as scripted."""
    ec2 = SimpleNamespace(**{VARIANTS.get(name, name): lambda *_args, **_options: script()})
    fenced = FencedEc2(InlineExecutor(), ec2, fence)  # type: ignore[arg-type]
    arguments = [lambda: ["i-1"]] if name == "terminate_batch" else []
    run(getattr(fenced, name)(*arguments))


@pytest.mark.parametrize("name", WRITES)
def test_behind_a_closed_fence_nothing_is_changed(name: str) -> None:
    script = Script(["done"])
    with pytest.raises(FenceClosed):
        make(name, script, Fence(closes_at=1))
    assert script.count == 0


@pytest.mark.parametrize("name", WRITES)
def test_the_fence_is_asked_before_each_attempt(name: str) -> None:
    fence = Fence()
    attempts = 1 if POLICY[name] is Policy.BATCH else 2
    script = Script([refused("RequestLimitExceeded", 503), "done"][-attempts:])
    make(name, script, fence)
    assert script.count == attempts
    assert fence.passed == attempts


@pytest.mark.parametrize("name", WRITES)
def test_a_call_is_replayed_after_a_lost_reply_as_its_policy_says(name: str) -> None:
    is_made_once = POLICY[name] in (Policy.ONCE, Policy.BATCH)
    script = Script([lost(), "done"])
    with pytest.raises(AwsError) if is_made_once else nullcontext():
        make(name, script, Fence())
    assert script.count == (1 if is_made_once else 2)


@pytest.mark.parametrize("name", [name for name in WRITES if POLICY[name] is Policy.UNTIL_GONE])
def test_what_is_gone_counts_as_ended_and_what_is_in_use_is_tried_again(name: str) -> None:
    gone = Script([GONE])
    make(name, gone, Fence())
    assert gone.count == 1

    in_use = Script([IN_USE, "done"])
    make(name, in_use, Fence())
    assert in_use.count == 2


def test_not_found_of_what_a_launch_names_may_be_eventual_consistency() -> None:
    script = Script([GONE, "done"])
    make("run_instances", script, Fence())
    assert script.count == 2


def test_not_found_of_what_was_looked_for_is_believed() -> None:
    script = Script([GONE, "done"])
    with pytest.raises(AwsError, match="NotFound"):
        make("run_instances_believing_not_found", script, Fence())
    assert script.count == 1


EXPECTED_ONCE = {
    "allocate_address",
    "assign_private_ip_addresses_by_count",
    "assign_ipv6_addresses_by_count",
    "unassign_private_ip_addresses",
    "unassign_ipv6_addresses",
}
"""What EC2 has no token for and what made twice has an effect twice, or an error that tells nothing."""


def test_what_is_not_idempotent_is_never_replayed() -> None:
    assert {name for name, policy in POLICY.items() if policy is Policy.ONCE} == EXPECTED_ONCE


def test_a_replayed_creation_has_a_token() -> None:
    """EC2 creates for each call without one."""
    model = botocore.session.Session().get_service_model("ec2")
    creating = [name for name in WRITES if name.startswith(("create_network", "run_instances", "allocate"))]
    for name in creating:
        members = model.operation_model(action_of(VARIANTS.get(name, name))).input_shape.members
        is_replayed = POLICY[name] is not Policy.ONCE
        assert is_replayed == ("ClientToken" in members), name


def test_a_dry_run_takes_from_the_rate_limit_of_launches() -> None:
    script = Script(["done"])
    executor = InlineExecutor()
    reads = Ec2Reads(executor, SimpleNamespace(dry_run_instances=lambda _parameters: script()))  # type: ignore[arg-type]

    async def ask() -> None:
        for _launch in range(6):
            await reads.dry_run_instances({})

    run(ask())
    assert script.made_at[3] == 0
    assert script.made_at[-1] > 0
