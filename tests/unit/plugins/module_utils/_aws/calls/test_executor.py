# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executor: what is made again, how often, how fast, and never past the fence."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clients import WORKERS
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.clock import Clock
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.executor import (
    FIRST_DELAY,
    LONGEST_DELAY,
    REPLAYS,
    THROTTLED_FOR,
    VISIBLE_AFTER,
    Executor,
)

from ..fakes import Fence, FenceClosed, InlineExecutor, Script, lost, refused, run

ACTION = "AllocateAddress"
"""One of the actions whose rate limit hardly shows here."""

UNSEEN = refused("InvalidNetworkInterfaceID.NotFound")
UNKNOWN = [
    pytest.param(lost(), id="reply lost"),
    pytest.param(refused("InternalError", 500), id="server's fault"),
    pytest.param(refused("Unavailable", 503), id="service unavailable"),
]
THROTTLED = [
    pytest.param(refused("RequestLimitExceeded", 503), id="throttled"),
    pytest.param(refused("ThrottlingException"), id="throttled as a bad request"),
]
DECIDED = [
    pytest.param(refused("InsufficientInstanceCapacity", 500), id="no capacity, which comes as a server's fault"),
    pytest.param(refused("InvalidParameterValue"), id="a wrong parameter"),
    pytest.param(refused("InvalidNetworkInterface.InUse"), id="the interface in use"),
    pytest.param(refused("InvalidAssociationID.NotFound"), id="something gone that was not just made"),
]


def replay(script, fence=None):
    return run(InlineExecutor().replay(ACTION, script, fence or Fence()))


def run_once(script, fence=None):
    return run(InlineExecutor().run_once(ACTION, script, fence or Fence()))


@pytest.mark.parametrize("method", [replay, run_once])
def test_a_call_that_succeeds_is_made_once_behind_the_fence(method):
    script, fence = Script(["done"]), Fence()
    assert method(script, fence) == "done"
    assert (script.count, fence.passed) == (1, 1)


@pytest.mark.parametrize("error", [*UNKNOWN, *THROTTLED])
def test_an_idempotent_call_is_made_again_and_asks_the_fence_each_time(error):
    script, fence = Script([error, error, "done"]), Fence()
    assert replay(script, fence) == "done"
    assert (script.count, fence.passed) == (3, 3)


@pytest.mark.parametrize("error", THROTTLED)
def test_a_call_that_is_not_idempotent_is_made_again_when_it_was_throttled(error):
    """Nothing was done then."""
    script, fence = Script([error, "done"]), Fence()
    assert run_once(script, fence) == "done"
    assert fence.passed == 2


@pytest.mark.parametrize("error", UNKNOWN)
def test_a_call_that_is_not_idempotent_is_not_made_again_when_it_may_have_succeeded(error):
    """Made twice, it would allocate twice."""
    script = Script([error, "done"])
    with pytest.raises(AwsError) as raised:
        run_once(script)
    assert raised.value is error
    assert script.count == 1


@pytest.mark.parametrize("method", [replay, run_once])
@pytest.mark.parametrize("error", DECIDED)
def test_a_decision_is_final(method, error):
    script = Script([error, "done"])
    with pytest.raises(AwsError) as raised:
        method(script)
    assert raised.value is error
    assert script.count == 1


@pytest.mark.parametrize("error", UNKNOWN)
def test_replays_come_to_an_end(error):
    script = Script([error])
    with pytest.raises(AwsError) as raised:
        replay(script)
    assert raised.value is error
    assert script.count == REPLAYS + 1


def test_the_pauses_double_up_to_the_longest_and_are_spread():
    """Many nodes that were refused together must not come back together."""
    script = Script([lost()])
    with pytest.raises(AwsError):
        replay(script)
    gaps = [later - earlier for earlier, later in pairwise(script.made_at)]
    for number, gap in enumerate(gaps):
        delay = min(FIRST_DELAY * 2**number, LONGEST_DELAY)
        assert delay / 2 <= gap <= delay + 1e-6
    assert len({round(gap, 6) for gap in gaps}) == len(gaps)


@pytest.mark.parametrize("method", [replay, run_once])
def test_what_was_just_made_may_stay_invisible_for_a_while(method):
    """NotFound of it counts for no replay, so that a throttled call still has all of them."""
    script = Script([*[UNSEEN] * REPLAYS, *[refused("Throttling")] * 3, "done"])
    assert method(script) == "done"


@pytest.mark.parametrize("method", [replay, run_once])
def test_what_stays_invisible_is_gone(method):
    """The wait is bounded: the last try comes no later than one pause after the time is up."""
    script = Script([UNSEEN])
    with pytest.raises(AwsError, match="NotFound"):
        method(script)
    assert VISIBLE_AFTER <= script.made_at[-1] <= VISIBLE_AFTER + LONGEST_DELAY


@pytest.mark.parametrize("error", [lost(), UNSEEN])
def test_a_closed_fence_ends_the_replays(error):
    """A holder that was taken over makes no call any more."""
    script = Script([error])
    with pytest.raises(FenceClosed):
        replay(script, Fence(closes_at=3))
    assert script.count == 2


@pytest.mark.parametrize("method", [replay, run_once])
@pytest.mark.parametrize("error", [*UNKNOWN, *THROTTLED, UNSEEN])
def test_what_goes_wrong_with_the_fence_is_not_the_calls(method, error):
    """Nobody knows then whether the node is still held: nothing is made, and nothing tried again."""
    script, asked = Script(["done"]), []

    async def fence():
        asked.append(error)
        raise error

    with pytest.raises(AwsError) as raised:
        method(script, fence)
    assert raised.value is error
    assert (script.count, len(asked)) == (0, 1)


@pytest.mark.parametrize("method", [replay, run_once])
def test_behind_a_closed_fence_no_call_is_made(method):
    script = Script(["done"])
    with pytest.raises(FenceClosed):
        method(script, Fence(closes_at=1))
    assert script.count == 0


class FakeBucket:
    """EC2's throttling of RunInstances: a bucket of 5 calls, refilled with 2 a second."""

    def __init__(self):
        self._tokens, self._at = 5.0, 0.0

    def __call__(self):
        now = asyncio.get_running_loop().time()
        self._tokens, self._at = min(5.0, self._tokens + 2 * (now - self._at)), now
        if self._tokens < 1:
            raise refused("RequestLimitExceeded", 503)
        self._tokens -= 1


def launch_fleet(size):
    executor, bucket = InlineExecutor(), FakeBucket()

    async def launch():
        work = (executor.replay(ACTION, bucket, Fence()) for _node in range(size))
        return [error for error in await asyncio.gather(*work, return_exceptions=True) if error]

    return run(launch())


@pytest.mark.parametrize("size", [20, 100])
def test_a_fleet_gets_through_ec2s_throttling_of_launches(size):
    """One call of a module serves a fleet; EC2 takes two launches a second."""
    assert launch_fleet(size) == []


def test_calls_run_in_worker_threads_at_the_same_time():
    """All of them meet here, which they could not one after the other."""
    meeting = threading.Barrier(WORKERS, timeout=20)

    def call():
        meeting.wait()
        return threading.current_thread()

    async def work():
        return await asyncio.gather(*(executor.run(call) for _call in range(WORKERS)))

    executor = Executor(Clock())
    try:
        threads = asyncio.run(work())
    finally:
        executor.close()
    assert len(set(threads)) == WORKERS
    assert threading.current_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize(
    ("answers", "repeated"),
    [
        pytest.param([refused("RequestExpired")], False, id="the first attempt"),
        pytest.param([lost(), refused("RequestExpired")], True, id="after a lost reply"),
        pytest.param([lost(), refused("Throttling"), refused("RequestExpired")], True, id="some time after one"),
        pytest.param([refused("Throttling"), refused("RequestExpired")], False, id="after a throttled one"),
    ],
)
def test_an_error_knows_whether_an_attempt_before_it_may_have_succeeded(answers, repeated):
    """Who may not ask any more is not told what became of that one."""
    with pytest.raises(AwsError) as raised:
        replay(Script(answers))
    assert raised.value.repeated is repeated


def test_throttling_is_not_put_up_with_for_ever():
    script = Script([refused("Throttling")])
    with pytest.raises(AwsError):
        replay(script)
    assert THROTTLED_FOR <= script.made_at[-1] <= THROTTLED_FOR + REPLAYS * LONGEST_DELAY
