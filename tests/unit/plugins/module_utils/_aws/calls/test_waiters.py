# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting: one look for all, bounded, and nobody is left waiting for ever."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.aws_error import LOST_REPLY, AwsError
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.waiters import (
    FIRST_INTERVAL,
    LONGEST_INTERVALS,
    THROTTLED_INTERVAL,
    Poller,
    WaitTimeoutError,
)

from ..fakes import FakeClock, refused, run


class TimedStates:
    """Resources whose state changes with time: `{id: [(from second, state), ...]}`."""

    def __init__(self, **states):
        self._states = states
        self.looks = []

    def __call__(self, ids):
        now = asyncio.get_running_loop().time()
        self.looks.append((now, set(ids)))
        seen = {name: [state for since, state in self._states.get(name, []) if since <= now] for name in ids}
        return {name: states[-1] for name, states in seen.items() if states}


def poller(describe):
    return Poller(FakeClock(), answering(describe))


def answering(describe, seconds=0):
    """Make a describe that answers some seconds after it was asked."""

    async def answer(ids):
        await asyncio.sleep(seconds)
        return describe(ids)

    return answer


def is_up(seen):
    return seen == "up"


LONGEST_INTERVAL = LONGEST_INTERVALS[0][1]
"""Seconds between two looks at something that has been waited for during less than half a minute."""


def at(*expected):
    return lambda seen: seen in expected


def test_what_is_so_already_takes_one_look():
    world = TimedStates(a=[(0, "up")])
    assert run(poller(world).wait_until("a", is_up, 60)) == "up"
    assert world.looks == [(0, {"a"})]


def test_a_change_is_seen_soon():
    world = TimedStates(a=[(0, "down"), (7, "up")])
    assert run(poller(world).wait_until("a", is_up, 60)) == "up"
    assert 7 <= world.looks[-1][0] <= 7 + LONGEST_INTERVAL


def test_what_is_not_there_is_none():
    """It may be what is waited for: that something is gone."""
    assert run(poller(TimedStates()).wait_until("a", lambda seen: seen is None, 60)) is None


def test_the_pauses_grow_from_the_first_to_the_longest():
    world = TimedStates(a=[(20, "up")])
    run(poller(world).wait_until("a", is_up, 60))
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(world.looks)]
    assert gaps[0] == pytest.approx(FIRST_INTERVAL)
    assert gaps[1] == pytest.approx(1.5 * FIRST_INTERVAL)
    assert gaps[-1] == pytest.approx(LONGEST_INTERVAL)
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(gaps))


@pytest.mark.parametrize(("waited", "longest"), [(100, 2.0), (1000, 5.0)])
def test_a_long_wait_looks_less_often(waited, longest):
    """The reads of an account and region have one bucket, which others use as well."""
    world = TimedStates(a=[(waited, "up")])
    run(poller(world).wait_until("a", is_up, 1800))
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(world.looks)]
    assert gaps[-1] == pytest.approx(longest)
    assert world.looks[-1][0] <= waited + longest


def test_a_wait_ends_at_its_deadline_and_says_what_was_seen_last():
    world = TimedStates(a=[(0, "down"), (3, "half"), (99, "up")])
    with pytest.raises(WaitTimeoutError) as raised:
        run(poller(world).wait_until("a", is_up, 10))
    assert (raised.value.resource_id, raised.value.last) == ("a", "half")
    assert 10 <= world.looks[-1][0] <= 10 + LONGEST_INTERVAL


def test_past_its_deadline_a_wait_still_looks_once():
    """What came true while other work was done is no timeout."""
    assert run(poller(TimedStates(a=[(0, "up")])).wait_until("a", is_up, -1)) == "up"
    with pytest.raises(WaitTimeoutError):
        run(poller(TimedStates()).wait_until("a", is_up, -1))


def test_one_look_serves_all_that_wait():
    world = TimedStates(a=[(0, "up")], b=[(2, "up")], c=[(2, "up")])

    async def work(looking):
        return await asyncio.gather(*(looking.wait_until(name, is_up, 60) for name in ("a", "b", "c")))

    assert run(work(poller(world))) == ["up"] * 3
    assert world.looks[0] == (0, {"a", "b", "c"})
    assert all(ids == {"b", "c"} for _at, ids in world.looks[1:])


def test_each_waits_for_its_own_condition():
    world = TimedStates(a=[(0, "down"), (1, "half"), (2, "up")])

    async def work(looking):
        return await asyncio.gather(
            looking.wait_until("a", at("half", "up"), 60), looking.wait_until("a", at("up"), 60)
        )

    assert run(work(poller(world))) == ["half", "up"]


def test_each_has_its_own_deadline():
    async def work(looking):
        early, late = looking.wait_until("a", is_up, 1), looking.wait_until("a", is_up, 60)
        return await asyncio.gather(early, late, return_exceptions=True)

    early, late = run(work(poller(TimedStates(a=[(5, "up")]))))
    assert isinstance(early, WaitTimeoutError)
    assert late == "up"


def test_a_newcomer_is_looked_at_soon_and_often():
    """It does not inherit the long pauses of those who wait for long already."""
    world = TimedStates(a=[(30, "up")], b=[(15, "up")])

    async def work(looking):
        first = asyncio.create_task(looking.wait_until("a", is_up, 60))
        await asyncio.sleep(10)
        await looking.wait_until("b", is_up, 60)
        await first

    run(work(poller(world)))
    looks = [moment for moment, ids in world.looks if "b" in ids]
    assert looks[0] <= 10 + LONGEST_INTERVAL
    assert looks[1] - looks[0] <= 1.5 * FIRST_INTERVAL + 1e-6


def test_when_all_have_gone_the_next_one_starts_it_anew():
    world = TimedStates(a=[(0, "up")], b=[(0, "up")])

    async def work(looking):
        await looking.wait_until("a", is_up, 60)
        await asyncio.sleep(5)
        await looking.wait_until("b", is_up, 60)

    run(work(poller(world)))
    assert world.looks == [(0, {"a"}), (5, {"b"})]


def test_nobody_looks_for_one_that_has_stopped_waiting():
    world = TimedStates(b=[(3, "up")])

    async def work(looking):
        impatient = asyncio.create_task(looking.wait_until("a", is_up, 60))
        patient = asyncio.create_task(looking.wait_until("b", is_up, 60))
        await asyncio.sleep(1)
        impatient.cancel()
        return await patient

    assert run(work(poller(world))) == "up"
    assert world.looks[-1][1] == {"b"}


@pytest.mark.parametrize("answer", [{"a": "up", "b": "up"}, refused("Unavailable", 503)], ids=["seen", "refused"])
def test_one_that_stops_waiting_during_a_look_takes_nobody_with_it(answer):
    def describe(_ids):
        if isinstance(answer, AwsError):
            raise answer
        return answer

    async def work(looking):
        tasks = [asyncio.create_task(looking.wait_until(name, is_up, 60)) for name in ("a", "b")]
        await asyncio.sleep(1)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    cancelled, other = run(work(Poller(FakeClock(), answering(describe, seconds=2))))
    assert isinstance(cancelled, asyncio.CancelledError)
    assert other in ("up", answer)


def test_a_look_that_aws_refuses_is_told_to_all_that_it_was_for():
    error = refused("UnauthorizedOperation")

    def describe(_ids):
        raise error

    async def work(looking):
        waits = (looking.wait_until(name, is_up, 60) for name in ("a", "b"))
        return await asyncio.gather(*waits, return_exceptions=True)

    assert run(work(poller(describe))) == [error, error]


def test_after_a_refusal_the_next_one_is_served():
    answers = [refused("UnauthorizedOperation", 403), {"a": "up"}]

    def describe(_ids):
        answer = answers.pop(0)
        if isinstance(answer, AwsError):
            raise answer
        return answer

    async def work(looking):
        with pytest.raises(AwsError):
            await looking.wait_until("a", is_up, 60)
        return await looking.wait_until("a", is_up, 60)

    assert run(work(poller(describe))) == "up"


UNANSWERED = [refused("Unavailable", 503), refused(LOST_REPLY), refused("InternalError", 500)]


@pytest.mark.parametrize("error", UNANSWERED, ids=lambda error: error.code)
def test_a_look_without_a_good_answer_is_made_again_until_the_deadline(error):
    """A connection that is lost for half a minute ends nothing."""
    looks = []

    def describe(_ids):
        looks.append(asyncio.get_running_loop().time())
        if looks[-1] < 30:
            raise error
        return {"a": "up"}

    assert run(poller(describe).wait_until("a", is_up, 60)) == "up"
    assert len(looks) < 30


@pytest.mark.parametrize("error", UNANSWERED, ids=lambda error: error.code)
def test_past_the_deadline_a_look_without_a_good_answer_fails(error):
    def describe(_ids):
        raise error

    async def work(looking):
        with pytest.raises(AwsError) as raised:
            await looking.wait_until("a", is_up, 60)
        return raised.value, asyncio.get_running_loop().time()

    raised, at = run(work(poller(describe)))
    assert raised is error
    assert 60 <= at < 65


def test_a_look_that_stumbles_is_told_as_well():
    """An answer that cannot be read, say. The lease is renewed meanwhile: nobody else could go on either."""

    def describe(_ids):
        raise KeyError("Reservations")

    with pytest.raises(KeyError):
        run(poller(describe).wait_until("a", is_up, 60))


def test_a_condition_that_stumbles_fails_only_its_own_wait():
    def stumble(_seen):
        raise IndexError

    async def work(looking):
        waits = (looking.wait_until("a", stumble, 60), looking.wait_until("a", is_up, 60))
        return await asyncio.gather(*waits, return_exceptions=True)

    stumbled, other = run(work(poller(TimedStates(a=[(0, "up")]))))
    assert isinstance(stumbled, IndexError)
    assert other == "up"


def test_a_look_that_is_throttled_is_made_again_later():
    """Fifty processes that look for their own hosts exceed EC2's bucket for reads; none of them has failed."""
    looks = []

    def describe(_ids):
        looks.append(asyncio.get_running_loop().time())
        if len(looks) < 3:
            raise refused("RequestLimitExceeded", 503)
        return {"a": "up"}

    assert run(poller(describe).wait_until("a", is_up, 60)) == "up"
    assert looks == [0, THROTTLED_INTERVAL, 2 * THROTTLED_INTERVAL]


def test_looks_that_stay_throttled_end_at_the_deadline():
    error = refused("RequestLimitExceeded", 503)

    def describe(_ids):
        raise error

    async def work():
        waits = (poller(describe).wait_until("a", is_up, deadline) for deadline in (12, 31))
        return await asyncio.gather(*waits, return_exceptions=True), asyncio.get_running_loop().time()

    errors, ended = run(work())
    assert errors == [error, error]
    assert 31 <= ended <= 31 + THROTTLED_INTERVAL
