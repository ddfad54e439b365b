# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EC2 for code that awaits: `Ec2Reads` for reading, and `FencedEc2`, the only way to change anything.

The methods have the parameters of those of Ec2. Each call is made as `call_policy.py` says, and raises AwsError.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..calls.call_policy import Policy, policy_of
from ..calls.executor import Executor, Fence
from ..calls.rate_limits import action_of
from ..calls.unfenced import Unfenced, unfenced
from .ec2 import Ec2

T = TypeVar("T")
P = ParamSpec("P")


def _write(
    method: Callable[Concatenate[Ec2, P], T], name: str | None = None
) -> Callable[Concatenate[FencedEc2, P], Coroutine[Any, Any, T]]:
    """Make the awaitable form of a method that changes something, under the policy of `name` (default: its own).

    Raises CallPolicyError for a method that reads.
    """
    method_name = method.__name__
    policy_name = name or method_name
    policy_of(policy_name, fenced=True)

    async def call(fenced: FencedEc2, /, *args: P.args, **kwargs: P.kwargs) -> T:
        answer: T = await fenced.make(policy_name, method_name, *args, **kwargs)
        return answer

    return call


class Ec2Reads(Unfenced[Ec2]):
    """EC2's reads."""

    @property
    def region(self) -> str:
        """The region that is asked."""
        return self._api.region

    describe_network_interfaces = unfenced(Ec2.describe_network_interfaces)
    describe_instances = unfenced(Ec2.describe_instances)
    describe_addresses = unfenced(Ec2.describe_addresses)
    describe_spot_status_codes = unfenced(Ec2.describe_spot_status_codes)
    describe_spot_instances = unfenced(Ec2.describe_spot_instances)
    describe_instance_status = unfenced(Ec2.describe_instance_status)
    describe_impaired_since = unfenced(Ec2.describe_impaired_since)

    dry_run_instances = unfenced(Ec2.dry_run_instances)

    async def make(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Make a call by its policy. Raises CallPolicyError for one that changes something."""
        if policy_of(name, fenced=False) is Policy.DRY_RUN:
            call = partial(getattr(self._api, name), *args, **kwargs)
            return await self._executor.run_rate_limited("RunInstances", call, _no_fence)
        return await super().make(name, *args, **kwargs)


async def _no_fence() -> None:
    """A dry run changes nothing, so that no lease is needed for it."""


class FencedEc2:
    """EC2's writes, for one node: `fence` is awaited right before each attempt, and what it raises ends the call."""

    def __init__(self, executor: Executor, ec2: Ec2, fence: Fence) -> None:
        self._executor = executor
        self._ec2 = ec2
        self._fence = fence

    create_network_interface = _write(Ec2.create_network_interface)
    delete_network_interface = _write(Ec2.delete_network_interface)
    modify_network_interface_attribute = _write(Ec2.modify_network_interface_attribute)
    modify_network_interface_attribute_if_present = _write(
        Ec2.modify_network_interface_attribute, "modify_network_interface_attribute_if_present"
    )
    attach_network_interface = _write(Ec2.attach_network_interface)
    detach_network_interface = _write(Ec2.detach_network_interface)
    assign_private_ip_addresses = _write(Ec2.assign_private_ip_addresses)
    assign_private_ip_addresses_by_count = _write(
        Ec2.assign_private_ip_addresses, "assign_private_ip_addresses_by_count"
    )
    assign_ipv6_addresses = _write(Ec2.assign_ipv6_addresses)
    assign_ipv6_addresses_by_count = _write(Ec2.assign_ipv6_addresses, "assign_ipv6_addresses_by_count")
    unassign_private_ip_addresses = _write(Ec2.unassign_private_ip_addresses)
    unassign_ipv6_addresses = _write(Ec2.unassign_ipv6_addresses)
    create_tags = _write(Ec2.create_tags)
    delete_tags = _write(Ec2.delete_tags)
    delete_tags_if_present = _write(Ec2.delete_tags, "delete_tags_if_present")
    allocate_address = _write(Ec2.allocate_address)
    associate_address = _write(Ec2.associate_address)
    disassociate_address = _write(Ec2.disassociate_address)
    release_address = _write(Ec2.release_address)
    start_instances = _write(Ec2.start_instances)
    terminate_instances = _write(Ec2.terminate_instances)
    terminate_instances_if_present = _write(Ec2.terminate_instances, "terminate_instances_if_present")
    cancel_spot_instance_requests = _write(Ec2.cancel_spot_instance_requests)

    run_instances = _write(Ec2.run_instances)
    run_instances_believing_not_found = _write(Ec2.run_instances, "run_instances_believing_not_found")

    async def terminate_batch(self, waiting: Callable[[], Sequence[str]]) -> None:
        """Terminate, in one call, the instances that `waiting` lists once the fence was asked; for none, no call."""

        def terminate() -> None:
            if instance_ids := waiting():
                self._ec2.terminate_instances(instance_ids)

        await self._run(policy_of("terminate_batch", fenced=True), "TerminateInstances", terminate)

    def reserve(self, action: str) -> AbstractAsyncContextManager[None]:
        """Wait until the rate limit allows a call of the action; see Executor.reserve."""
        return self._executor.reserve(action)

    async def make(self, name: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Make a call of a method of Ec2 by the policy of `name`. Raises CallPolicyError for one that reads."""
        policy = policy_of(name, fenced=True)
        call = partial(getattr(self._ec2, method), *args, **kwargs)
        return await self._run(policy, action_of(method), call)

    async def _run(self, policy: Policy, action: str, call: Callable[[], Any]) -> Any:
        if policy is Policy.REPLAY:
            return await self._executor.replay(action, call, self._fence)
        if policy is Policy.REPLAY_BELIEVING_NOT_FOUND:
            return await self._executor.replay(action, call, self._fence, unseen_for=0)
        if policy is Policy.UNTIL_GONE:
            return await self._executor.run_until_gone(action, call, self._fence)
        if policy is Policy.ONCE:
            return await self._executor.run_once(action, call, self._fence)
        return await self._executor.run_rate_limited(action, call, self._fence)
