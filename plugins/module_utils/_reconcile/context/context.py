# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the work on all nodes of one call shares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

from ..._aws.api.async_ec2 import Ec2Reads, FencedEc2
from ..._aws.api.async_store import AsyncQueue, AsyncStore
from ..._aws.api.ec2 import Ec2
from ..._aws.api.queue import Queue
from ..._aws.api.store import Store
from ..._aws.calls.authorization_errors import Explainer
from ..._aws.calls.clients import ClientFactory
from ..._aws.calls.clock import Clock
from ..._aws.calls.executor import Executor, Fence
from ..._aws.calls.waiters import Poller
from ..._aws.lookups.launch_lookup import LaunchLookup
from ..._aws.lookups.offerings import Markets
from ..._aws.lookups.reference_lookup import Lookup
from ..._core.lifecycle.phase_progress import Event, Work
from ..._core.model.commands import Reach
from ..._core.model.observed import Address, Instance, NetworkInterface
from ..._core.model.record import Rerun
from .pools import Pools
from .terminator import Terminator

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long things may take, in seconds, and whether to wait for them at all."""

    lease_seconds: int = 300
    wait_timeout: int = 1800
    wait: bool = True


class Listener(Protocol):
    """Hears how the work goes on while it does; raises nothing. Times are those of the clock's monotonic scale."""

    def begin(self, work: Work) -> None:
        """Hear of work that is about to begin."""

    def note(self, event: Event) -> None:
        """Hear of something that happened to a node of it."""

    def tick(self, now: float) -> None:
        """Hear, every second or so, that it is later."""

    def end(self, now: float) -> None:
        """Hear that the work has ended, well or not."""


class Context:
    """AWS, the clock, the pollers and the limits of one call of a module.

    `listener` is None when nothing listens. `reach` completes the commands in results; `rerun` is how the user runs the
    operation again. `playbook_pid` is the process of the playbook; None where it is not known.
    """

    def __init__(  # noqa: PLR0913 - each is a thing of its own
        self,
        ec2: Ec2,
        store: Store,
        queue: Queue,
        *,
        owner: str,
        limits: Limits,
        clock: Clock,
        listener: Listener | None = None,
        reach: Reach | None = None,
        rerun: Rerun | None = None,
        playbook_pid: int | None = None,
    ) -> None:
        self.owner = owner
        self.limits = limits
        self.clock = clock
        self.listener = listener
        self.reach = reach or Reach(table=store.table_name)
        self.rerun = rerun or Rerun()
        self.playbook_pid = playbook_pid
        self.held: dict[str, str] = {}
        """The ids of the operations that this call holds nodes for, by the nodes' names."""
        self.executor = Executor(self.clock)
        self._ec2 = ec2
        self.ec2 = Ec2Reads(self.executor, ec2)
        self.store = AsyncStore(self.executor, store)
        self.queue = AsyncQueue(self.executor, queue)
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}
        self.deadline = self.clock.monotonic() + limits.wait_timeout
        self.terminator = Terminator(self.clock, self.fenced_ec2)
        self.pools = Pools(self.clock)
        self.interfaces: Poller[NetworkInterface] = Poller(self.clock, self.describe_interfaces)
        self.instances: Poller[Instance] = Poller(self.clock, self.describe_instances)
        self.addresses: Poller[Address] = Poller(self.clock, self.describe_addresses)
        self.statuses: Poller[bool] = Poller(self.clock, self.ec2.describe_instance_status)

    def close(self) -> None:
        """End the worker threads."""
        self.executor.close()

    def fenced_ec2(self, fence: Fence) -> FencedEc2:
        """EC2's writes, each behind the fence. A node's own stand at `Node.ec2`."""
        return FencedEc2(self.executor, self._ec2, fence)

    @property
    def ec2_client(self) -> Any:
        """The boto3 client of EC2, for lookups that make several reads."""
        return self._ec2.reads

    @property
    def client_factory(self) -> ClientFactory:
        """Makes the clients of other services."""
        return self._ec2.client_factory

    @cached_property
    def lookup(self) -> Lookup:
        """EC2's reads that a configuration is checked by."""
        return Lookup(self.ec2_client)

    @cached_property
    def markets(self) -> Markets:
        """What zones offer, and at which price."""
        return Markets(self.ec2_client)

    @cached_property
    def launch_lookup(self) -> LaunchLookup:
        """EC2's and IAM's reads that launches are checked by."""
        return LaunchLookup(self.ec2_client, self.client_factory)

    @cached_property
    def explainer(self) -> Explainer:
        """What has refusals decoded."""
        return Explainer(self.client_factory)

    async def ask_once(self, asked: Hashable, question: Callable[[], T]) -> T:
        """Make a read that many nodes want: once a call of the module for each thing `asked`."""
        if asked not in self._asked:
            self._asked[asked] = asyncio.create_task(self.executor.run(question))
        answer: T = await self._asked[asked]
        return answer

    @property
    def table(self) -> str:
        """The name of the node table."""
        return self.store.table_name

    async def describe_interfaces(self, ids: Iterable[str]) -> dict[str, NetworkInterface]:
        """Return the interfaces that EC2 shows, by their ids."""
        found = await self.ec2.describe_network_interfaces("network-interface-id", ids)
        return {interface.network_interface_id: interface for interface in found}

    async def describe_addresses(self, ids: Iterable[str]) -> dict[str, Address]:
        """Return the Elastic IP addresses that EC2 shows, by their allocation ids."""
        found = await self.ec2.describe_addresses("allocation-id", ids)
        return {address.allocation_id: address for address in found}

    async def describe_instances(self, ids: Iterable[str]) -> dict[str, Instance]:
        """Return the instances that EC2 shows, in any state, by their ids."""
        found = await self.ec2.describe_instances("instance-id", ids)
        return {instance.instance_id: instance for instance in found}
