"""When a request may go: budgets of ours, windows the vendor tells of, refusals."""

import asyncio

import fakeredis
from hypothesis import given
from hypothesis import strategies as st

from storage.shared.rate_limit import (
    IN_FLIGHT,
    Budget,
    GroupState,
    Observation,
    RateLimiter,
    close,
    observe,
    reserve,
)
from storage.shared.state import SharedState

HOURLY = Budget("hourly", limit=3, length_s=3600.0)
DAILY = Budget("day", limit=100, length_s=86400.0, aligned=True)
NOW = 1_790_000_000.0


def spend(state: GroupState, budgets: tuple[Budget, ...], now: float, times: int) -> GroupState:
    for _ in range(times):
        state, wait_s = reserve(state, budgets, now)
        assert wait_s == 0
    return state


def test_a_budget_lets_its_limit_through_and_then_says_how_long_to_wait() -> None:
    state = spend(GroupState(), (HOURLY,), NOW, 3)
    unchanged, wait_s = reserve(state, (HOURLY,), NOW + 600)
    assert (unchanged, wait_s) == (state, 3000.0)
    assert reserve(state, (HOURLY,), NOW + 3600)[1] == 0


def test_a_window_opens_with_the_first_request_not_on_the_clock() -> None:
    state = spend(GroupState(), (HOURLY,), NOW, 3)
    state, _ = reserve(state, (HOURLY,), NOW + 5000)
    assert state.windows["hourly"].ends_at == NOW + 5000 + 3600


def test_an_aligned_budget_ends_at_midnight_utc() -> None:
    state = spend(GroupState(), (DAILY,), NOW, 100)
    midnight = (NOW // 86400 + 1) * 86400
    assert reserve(state, (DAILY,), NOW)[1] == midnight - NOW
    assert reserve(state, (DAILY,), midnight)[1] == 0


def test_the_strictest_of_several_windows_decides() -> None:
    minute = Budget("minute", limit=2, length_s=60.0)
    state = spend(GroupState(), (HOURLY, minute), NOW, 2)
    assert reserve(state, (HOURLY, minute), NOW)[1] == 60.0
    state = spend(state, (HOURLY, minute), NOW + 60, 1)
    assert reserve(state, (HOURLY, minute), NOW + 60)[1] == 3540.0


def test_what_the_vendor_counted_is_taken_over() -> None:
    state = spend(GroupState(), (), NOW, 1)
    state = observe(state, [Observation("ratelimit", limit=100, remaining=1, length_s=5.0, resets_in_s=5.0)], NOW)
    state = spend(state, (), NOW, 1)
    assert reserve(state, (), NOW)[1] == 5.0
    assert reserve(state, (), NOW + 5.0)[1] == 0


def test_requests_on_the_way_are_not_forgotten_when_an_older_answer_comes() -> None:
    window = Observation("ratelimit", limit=100, remaining=99, length_s=60.0, resets_in_s=60.0)
    state = observe(GroupState(), [window], NOW)
    state = spend(state, (), NOW, IN_FLIGHT)
    state = observe(state, [Observation("ratelimit", 100, 98, 59.5, 59.5)], NOW + 0.5)
    assert state.windows["ratelimit"].used == 1 + IN_FLIGHT


def test_an_older_answer_that_tells_no_end_neither_forgets_a_request_nor_moves_the_end() -> None:
    state = observe(GroupState(), [Observation("ratelimit", 100, 99, 60.0)], NOW)
    state = spend(state, (), NOW, IN_FLIGHT)
    state = observe(state, [Observation("ratelimit", 100, 98, 60.0)], NOW + 10)
    assert (state.windows["ratelimit"].used, state.windows["ratelimit"].ends_at) == (1 + IN_FLIGHT, NOW + 60)


def test_a_window_the_vendor_began_anew_is_begun_anew_here() -> None:
    state = observe(GroupState(), [Observation("hourly", 600, 0, 3600.0)], NOW)
    assert reserve(state, (), NOW)[1] == 3600.0
    state = observe(state, [Observation("hourly", 600, 599, 3600.0)], NOW + 10)
    assert state.windows["hourly"].used == 1
    assert reserve(state, (), NOW + 10)[1] == 0


def test_a_refusal_closes_the_group_until_it_is_over() -> None:
    state = close(GroupState(), NOW, 30.0)
    assert reserve(state, (), NOW + 10)[1] == 20.0
    assert close(state, NOW + 10, 5.0).closed_until == NOW + 30
    state, wait_s = reserve(state, (), NOW + 30)
    assert (wait_s, state.closed_until) == (0.0, 0.0)


def test_background_work_leaves_the_last_tenth_to_live_conversations() -> None:
    hundred = Budget("minute", limit=100, length_s=60.0)
    state = spend(GroupState(), (hundred,), NOW, 90)
    assert reserve(state, (hundred,), NOW, share=0.9)[1] == 60.0
    assert reserve(state, (hundred,), NOW, share=1.0)[1] == 0


@given(st.lists(st.tuples(st.floats(0, 4000), st.sampled_from(["reserve", "observe", "close"])), max_size=60))
def test_no_window_ever_lets_more_than_its_limit_through(steps: list[tuple[float, str]]) -> None:
    state, now, sent = GroupState(), NOW, []
    for pause_s, what in steps:
        now += pause_s
        if what == "reserve":
            state, wait_s = reserve(state, (HOURLY,), now)
            assert wait_s >= 0
            if wait_s == 0:
                sent.append(now)
        elif what == "close":
            state = close(state, now, 60.0)
        else:
            used = min(3, len([at for at in sent if at > now - 3600]))
            state = observe(state, [Observation("hourly", 3, 3 - used, 3600.0)], now)
    for first in sent:
        # windows open with a request, so any hour that begins with one holds at most two windows' worth
        assert len([at for at in sent if first <= at < first + 3600]) <= 2 * 3


async def test_processes_share_one_count() -> None:
    server = fakeredis.FakeServer()
    limiters = [
        RateLimiter(SharedState(fakeredis.FakeAsyncRedis(server=server), deadline_s=10.0), clock=lambda: NOW)
        for _ in range(3)
    ]
    budget = Budget("minute", limit=10, length_s=60.0)
    waits = await asyncio.gather(*(limiter.reserve("g", (budget,)) for limiter in limiters for _ in range(6)))
    assert sorted(waits) == [0.0] * 10 + [60.0] * 8


async def test_one_closed_group_holds_no_other() -> None:
    limiter = RateLimiter(SharedState(fakeredis.FakeAsyncRedis()), clock=lambda: NOW)
    await limiter.close("close:lead:read", 30.0)
    assert await limiter.reserve("close:lead:read") == 30.0
    assert await limiter.reserve("close:contact:read") == 0.0
    assert (await limiter.state("close:lead:read")).closed_until == NOW + 30


def test_a_window_that_begins_anew_has_its_whole_limit_again() -> None:
    state = spend(GroupState(), (HOURLY,), NOW, 3)
    state = spend(state, (HOURLY,), NOW + 3600, 3)
    assert reserve(state, (HOURLY,), NOW + 3600)[1] == 3600.0


def test_an_aligned_budget_ends_at_midnight_also_on_the_days_after() -> None:
    midnight = (NOW // 86400 + 1) * 86400
    state = spend(GroupState(), (DAILY,), NOW, 1)
    state = spend(state, (DAILY,), midnight + 3600, 100)
    assert reserve(state, (DAILY,), midnight + 3600)[1] == 86400 - 3600


def test_a_limit_of_one_lets_one_through_also_in_the_background_and_none_lets_none() -> None:
    for limit in (0, 1):
        budget = Budget("minute", limit=limit, length_s=60.0)
        state, wait_s = reserve(GroupState(), (budget,), NOW, share=0.9)
        assert wait_s == (0.0 if limit else 60.0)
        assert reserve(state, (budget,), NOW)[1] == 60.0


def test_the_vendor_says_when_its_window_ends() -> None:
    state = observe(GroupState(), [Observation("minute", 100, 0, length_s=60.0, resets_in_s=7.0)], NOW)
    assert reserve(state, (), NOW)[1] == 7.0


def test_a_window_of_the_vendors_that_ends_later_is_its_next() -> None:
    state = observe(GroupState(), [Observation("minute", 5, 0, 60.0, 2.0)], NOW)
    state = observe(state, [Observation("minute", 5, 4, 60.0, 60.0)], NOW + 1)
    assert (state.windows["minute"].used, state.windows["minute"].ends_at) == (1, NOW + 61)


def test_what_the_vendor_counts_once_a_window_is_over_is_of_the_next() -> None:
    state = observe(GroupState(), [Observation("minute", 3, 0, 60.0)], NOW)
    state = observe(state, [Observation("minute", 3, 1, 60.0)], NOW + 60)
    state = spend(state, (), NOW + 60, 1)
    assert reserve(state, (), NOW + 60)[1] == 60.0
