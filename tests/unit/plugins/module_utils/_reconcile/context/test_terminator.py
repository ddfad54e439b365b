# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminator: few calls for many nodes, and each node's own error where EC2 refuses some."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.async_ec2 import FencedEc2
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._reconcile.context.terminator import (
    INSTANCES_PER_CALL,
    Terminator,
)

from tests.unit.plugins.module_utils._aws.fakes import Fence, FenceClosed, InlineExecutor, lost, refused, run


class Ec2:
    """Terminates instances as EC2 does: one that is protected or unknown keeps it from terminating any."""

    def __init__(self, protected=(), unknown=(), errors=()):
        self._protected, self._unknown, self._errors = set(protected), set(unknown), list(errors)
        self.calls, self.terminated = [], set()

    def terminate_instances(self, instance_ids):
        self.calls.append(list(instance_ids))
        if self._errors:
            raise self._errors.pop(0)
        if self._protected & set(instance_ids):
            raise refused("OperationNotPermitted")
        if self._unknown & set(instance_ids):
            raise refused("InvalidInstanceID.NotFound")
        self.terminated |= set(instance_ids)


def make_terminator(ec2, seconds=0):
    executor = InlineExecutor(seconds=seconds)
    return Terminator(executor.clock, partial(FencedEc2, executor, ec2))


def terminate(ec2, instance_ids, fences=None):
    """Terminate at the same time; return the error of each, or None."""
    terminator, fences = make_terminator(ec2), fences or [Fence() for _instance in instance_ids]

    async def work():
        pairs = zip(instance_ids, fences, strict=True)
        return await asyncio.gather(*(terminator.terminate(*pair) for pair in pairs), return_exceptions=True)

    return run(work())


def test_instances_that_come_together_go_in_one_call():
    ec2 = Ec2()
    assert terminate(ec2, ["i-1", "i-2", "i-3"]) == [None] * 3
    assert ec2.calls == [["i-1", "i-2", "i-3"]]


def test_a_call_takes_no_more_than_it_may():
    ec2, ids = Ec2(), [f"i-{number}" for number in range(2 * INSTANCES_PER_CALL + 1)]
    assert terminate(ec2, ids) == [None] * len(ids)
    assert [len(call) for call in ec2.calls] == [INSTANCES_PER_CALL, INSTANCES_PER_CALL, 1]
    assert ec2.terminated == set(ids)


def test_what_arrives_during_a_call_goes_with_the_next():
    ec2 = Ec2()
    terminator = make_terminator(ec2, seconds=2)

    async def late(instance_id):
        await asyncio.sleep(1)
        await terminator.terminate(instance_id, Fence())

    async def work():
        await asyncio.gather(terminator.terminate("i-1", Fence()), late("i-2"), late("i-3"))

    run(work())
    assert [sorted(batch) for batch in ec2.calls] == [["i-1"], ["i-2", "i-3"]]


def test_one_after_the_other_is_served_each_time():
    ec2 = Ec2()
    terminator = make_terminator(ec2)

    async def work():
        for instance_id in ("i-1", "i-2"):
            await terminator.terminate(instance_id, Fence())
            await asyncio.sleep(1)

    run(work())
    assert ec2.calls == [["i-1"], ["i-2"]]


@pytest.mark.parametrize(
    ("ec2", "code"),
    [(Ec2(protected=["i-2"]), "OperationNotPermitted"), (Ec2(unknown=["i-2"]), "InvalidInstanceID.NotFound")],
    ids=["protected", "unknown"],
)
def test_one_that_ec2_refuses_has_the_error_for_itself(ec2, code):
    first, second, third = terminate(ec2, ["i-1", "i-2", "i-3"])
    assert (first, third) == (None, None)
    assert isinstance(second, AwsError)
    assert second.code == code
    assert ec2.terminated == {"i-1", "i-3"}


def test_an_instance_alone_that_is_refused_has_its_error():
    (error,) = terminate(Ec2(protected=["i-1"]), ["i-1"])
    assert error.code == "OperationNotPermitted"


def test_one_that_ec2_does_not_show_yet_is_tried_again():
    ec2 = Ec2(errors=[refused("InvalidInstanceID.NotFound")] * 3)
    assert terminate(ec2, ["i-1"]) == [None]
    assert ec2.terminated == {"i-1"}


@pytest.mark.parametrize("error", [lost(), refused("InternalError", 500), refused("RequestLimitExceeded", 503)])
def test_a_call_that_came_to_nothing_is_made_again(error):
    """Terminating twice does no harm."""
    ec2 = Ec2(errors=[error])
    assert terminate(ec2, ["i-1", "i-2"]) == [None, None]
    assert ec2.terminated == {"i-1", "i-2"}


def test_a_node_that_was_taken_over_ends_nothing_and_the_others_do():
    ec2 = Ec2()
    closed, passed = terminate(ec2, ["i-1", "i-2"], [Fence(closes_at=1), Fence()])
    assert isinstance(closed, FenceClosed)
    assert passed is None
    assert ec2.terminated == {"i-2"}


def test_a_node_that_is_taken_over_after_the_common_call_failed_ends_nothing():
    """The call of its own asks the fence again."""
    ec2 = Ec2(errors=[lost()])
    closed, passed = terminate(ec2, ["i-1", "i-2"], [Fence(closes_at=2), Fence()])
    assert isinstance(closed, FenceClosed)
    assert passed is None
    assert ec2.terminated == {"i-2"}


def test_a_node_that_stopped_waiting_holds_up_nobody():
    ec2 = Ec2()
    terminator = make_terminator(ec2, seconds=2)

    async def work():
        tasks = [asyncio.create_task(terminator.terminate(name, Fence())) for name in ("i-1", "i-2")]
        await asyncio.sleep(1)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    cancelled, other = run(work())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert other is None


def test_a_call_that_stumbles_is_told():
    """An answer that cannot be read, say. The lease is renewed meanwhile: nobody else could go on either."""
    (error,) = terminate(Ec2(errors=[KeyError("TerminatingInstances")] * 2), ["i-1"])
    assert isinstance(error, KeyError)


def test_an_instance_whose_termination_was_cancelled_before_the_call_was_not_called_for():
    ec2 = Ec2()
    terminator = make_terminator(ec2)

    async def work():
        asked, never = asyncio.Event(), asyncio.Event()

        async def fence():
            asked.set()
            await never.wait()

        waiting = asyncio.ensure_future(terminator.terminate("i-1", fence))
        await asked.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await terminator.terminate("i-2", Fence())

    with pytest.raises(TimeoutError):
        run(asyncio.wait_for(work(), 1))
    assert not terminator.has_called("i-1")
