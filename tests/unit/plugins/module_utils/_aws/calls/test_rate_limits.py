# Copyright (c) the stateful_node.aws contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rate limits: a fleet asks for as much as EC2 takes, hardly ever for more, and steps back for others."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.api.ec2 import Ec2
from ansible_collections.stateful_node.aws.plugins.module_utils._aws.calls.rate_limits import (
    LIMITS,
    OTHER_ACTIONS,
    RECOVERY,
    SLOWEST,
    Bucket,
    Limit,
    RateLimits,
    action_of,
)

from tests.emulator import throttle

from ..fakes import FakeClock, Fence, FenceClosed, InlineExecutor, Script, refused, run

RUN = LIMITS["RunInstances"]
REFUSAL = refused("RequestLimitExceeded", 503)


def taken_at(bucket: Bucket, calls: int, start: float = 0.0) -> list[float]:
    """Take so many calls as early as the bucket allows; say when each was."""
    now, times = start, []
    for _call in range(calls):
        while seconds := bucket.take(now):
            now += seconds
        bucket.send(now)
        times.append(now)
    return times


@pytest.mark.parametrize("limit", [*LIMITS.values(), OTHER_ACTIONS])
def test_a_small_fleet_does_not_wait(limit: Limit) -> None:
    """All but a tenth of the bucket, or but one call of a small one, is there from the start."""
    calls = min(int(0.9 * limit.size), limit.size - 1)
    assert calls >= 4
    assert taken_at(Bucket(limit, 0.0), calls) == [0.0] * calls


def test_a_fleet_is_launched_at_ec2s_own_rate() -> None:
    times = taken_at(Bucket(RUN, 0.0), 100)
    assert times[-1] == pytest.approx((100 - 4) / RUN.refill)
    assert times[-1] - times[-11] == pytest.approx(10 / RUN.refill)


def test_what_is_not_used_is_not_saved_beyond_the_bucket() -> None:
    bucket = Bucket(RUN, 0.0)
    taken_at(bucket, 4)
    assert taken_at(bucket, 5, start=3600.0) == pytest.approx([3600.0] * 4 + [3600.5])


def test_a_refusal_empties_the_bucket_and_halves_the_rate() -> None:
    bucket = Bucket(RUN, 0.0)
    taken_at(bucket, 1)
    bucket.slow_down(0.0, 0.0)
    assert bucket.take(0.0) == pytest.approx(1.0, rel=0.1)


def test_those_refused_together_count_once() -> None:
    once, often = Bucket(RUN, 0.0), Bucket(RUN, 0.0)
    once.slow_down(1.0, 0.5)
    for _refusal in range(16):
        often.slow_down(1.0, 0.5)
    assert taken_at(once, 20, start=1.0) == taken_at(often, 20, start=1.0)


def test_however_often_refused_it_goes_on_slowly() -> None:
    bucket = Bucket(RUN, 0.0)
    for second in range(100):
        bucket.slow_down(float(second), second - 0.001 + 0.5)
    assert 0 < bucket.take(100.0) <= 1 / (SLOWEST * RUN.refill)


def test_it_recovers_slowly_to_the_published_rate_and_no_further() -> None:
    bucket = Bucket(RUN, 0.0)
    bucket.slow_down(0.0, 0.0)
    half_way, recovered = RECOVERY / 4, RECOVERY
    during = taken_at(bucket, 40, start=half_way)
    assert during[-1] - during[-2] > 1.05 / RUN.refill
    after = taken_at(bucket, 40, start=recovered)
    assert after[-1] - after[-2] == pytest.approx(1 / RUN.refill)


async def take(rate_limits: RateLimits, action: str = "RunInstances") -> float:
    """Wait for a permit and use it; say when that was."""
    async with rate_limits.permit(action) as permit:
        return permit.use(rate_limits.clock.monotonic)


class ThrottledAccount:
    """EC2's own bucket, with the calls that others make taken out of it as they come."""

    def __init__(self, limit: Limit, others: float = 0.0) -> None:
        self._limit, self._others = limit, others
        self._tokens, self._at = float(limit.size), 0.0
        self.refused = self.taken = 0

    def run_instances(self) -> None:
        now = asyncio.get_running_loop().time()
        gained = (now - self._at) * (self._limit.refill - self._others)
        self._tokens, self._at = min(float(self._limit.size), self._tokens + gained), now
        if self._tokens < 1:
            self.refused += 1
            raise REFUSAL
        self._tokens -= 1
        self.taken += 1


def launch(account: ThrottledAccount, nodes: int) -> float:
    """Launch a fleet; return the seconds that it took."""
    executor = InlineExecutor(seconds=1.5)

    async def work() -> float:
        await asyncio.gather(
            *(executor.replay("RunInstances", account.run_instances, Fence()) for _node in range(nodes))
        )
        return executor.clock.monotonic()

    return run(work())


def test_a_fleet_alone_in_its_account_is_never_refused() -> None:
    account = ThrottledAccount(RUN)
    seconds = launch(account, 100)
    assert (account.taken, account.refused) == (100, 0)
    assert seconds <= 1.05 * ((100 - RUN.size) / RUN.refill + 1.5)


@pytest.mark.parametrize("others", [0.5, 1.0, 1.5])
def test_beside_others_it_steps_back_and_ends(others: float) -> None:
    """Unshaped, it is refused three times as often as it is let through."""
    account = ThrottledAccount(RUN, others)
    seconds = launch(account, 300)
    assert account.taken == 300
    assert account.refused <= 0.1 * account.taken
    assert seconds <= 2 * 300 / (RUN.refill - others)


def test_who_waited_ahead_does_not_wait_again() -> None:
    rate_limits = RateLimits(FakeClock())

    async def work() -> list[float]:
        times = []
        for _call in range(8):
            async with rate_limits.reserve("RunInstances"):
                times.append(FakeClock().monotonic())
            times.append(await take(rate_limits))
        return times

    times = run(work())
    assert times[::2] == times[1::2] == pytest.approx([0, 0, 0, 0, 0.5, 1, 1.5, 2])


def test_what_is_let_go_and_not_sent_yet_leaves_ec2s_bucket_only_then() -> None:
    """On a busy machine calls pile up; EC2's bucket does not grow beyond its size meanwhile."""
    bucket = Bucket(RUN, 0.0)
    for _call in range(4):
        assert bucket.take(0.0) == 0
    assert bucket.take(60.0) > 0
    for _call in range(4):
        bucket.send(60.0)
    assert taken_at(bucket, 2, start=60.0) == pytest.approx([60.5, 61.0])


def test_a_permit_that_is_not_used_is_the_next_ones() -> None:
    """Of a node that was taken over while its call queued."""
    rate_limits = RateLimits(FakeClock())

    async def work() -> float:
        for _node in range(10):
            async with rate_limits.permit("RunInstances"):
                pass
        return await take(rate_limits)

    assert run(work()) == 0


def test_whoever_fails_between_leaves_the_queue_to_the_others() -> None:
    """Taken over, say, as the intent was to be written: more often than the bucket holds calls."""
    rate_limits = RateLimits(FakeClock())

    async def fail() -> None:
        async with rate_limits.reserve("RunInstances"):
            raise FenceClosed

    async def work() -> float:
        for _node in range(10):
            with pytest.raises(FenceClosed):
                await fail()
        async with rate_limits.reserve("RunInstances"):
            pass
        return await take(rate_limits)

    assert run(work()) == 0


def test_one_that_stops_waiting_holds_up_nobody() -> None:
    rate_limits = RateLimits(FakeClock())

    async def work() -> float:
        waiting = [asyncio.create_task(take(rate_limits)) for _call in range(6)]
        await asyncio.sleep(0.1)
        waiting[4].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return FakeClock().monotonic()

    assert run(work()) == pytest.approx(0.5)


def test_actions_have_queues_of_their_own() -> None:
    rate_limits = RateLimits(FakeClock())

    async def work() -> float:
        for _call in range(6):
            await take(rate_limits)
        before = FakeClock().monotonic()
        return await take(rate_limits, "AllocateAddress") - before

    assert run(work()) == 0


def test_the_fence_is_asked_after_the_queue() -> None:
    """A node that was taken over while its call queued makes none."""
    executor, script = InlineExecutor(), Script(["done"])
    asked_at: list[float] = []

    async def fence() -> None:
        asked_at.append(executor.clock.monotonic())
        if asked_at[-1] > 10:
            raise FenceClosed

    async def work() -> list[object]:
        return await asyncio.gather(
            *(executor.replay("RunInstances", script, fence) for _node in range(40)), return_exceptions=True
        )

    outcomes = run(work())
    assert script.made_at == [at for at in asked_at if at <= 10]
    assert sum(isinstance(outcome, FenceClosed) for outcome in outcomes) == 40 - script.count > 0


def test_every_action_with_a_bucket_of_its_own_is_a_method() -> None:
    methods = {action_of(name) for name, method in vars(Ec2).items() if callable(method) and not name.startswith("_")}
    assert set(LIMITS) <= methods


def test_the_emulator_has_the_same_limits() -> None:
    """They are written down twice, from the same page."""
    assert {action: tuple(limit) for action, limit in LIMITS.items()} == {
        action: tuple(limit) for action, limit in throttle.LIMITS.items()
    }
    assert tuple(OTHER_ACTIONS) == tuple(throttle.OTHER_WRITES)
