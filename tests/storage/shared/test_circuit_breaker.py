"""When a provider is left alone, and when it is tried again."""

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.shared.circuit_breaker import BreakerSettings, BreakerState, CircuitBreaker, admit, failed, succeeded
from storage.shared.state import SharedState

NOW = 1_790_000_000.0
SETTINGS = BreakerSettings()


def broken(now: float = NOW) -> BreakerState:
    state = BreakerState()
    for _ in range(SETTINGS.failures_to_open):
        state = failed(SETTINGS, state, now)
    return state


def test_failures_in_a_row_open_it() -> None:
    state = BreakerState()
    for _ in range(SETTINGS.failures_to_open - 1):
        state = failed(SETTINGS, state, NOW)
    assert admit(SETTINGS, state, NOW)[1] == 0
    assert admit(SETTINGS, failed(SETTINGS, state, NOW), NOW)[1] == SETTINGS.cool_down_s


def test_a_success_between_failures_starts_the_count_anew() -> None:
    state = failed(SETTINGS, failed(SETTINGS, BreakerState(), NOW), NOW)
    assert succeeded(state, NOW) == BreakerState()


def test_failures_far_apart_do_not_add_up() -> None:
    state = BreakerState()
    for number in range(20):
        state = failed(SETTINGS, state, NOW + number * (SETTINGS.memory_s + 1))
    assert state.failures == 1


def test_after_the_cool_down_one_probe_goes_and_the_others_wait() -> None:
    later = NOW + SETTINGS.cool_down_s
    state, wait_s = admit(SETTINGS, broken(), later)
    assert wait_s == 0
    assert admit(SETTINGS, state, later)[1] == SETTINGS.probe_s


def test_a_good_probe_closes_it_and_a_bad_one_opens_it_for_longer() -> None:
    later = NOW + SETTINGS.cool_down_s
    probing, _ = admit(SETTINGS, broken(), later)
    assert succeeded(probing, later) == BreakerState()
    again = failed(SETTINGS, probing, later)
    assert again.open_until == later + 2 * SETTINGS.cool_down_s


def test_a_probe_that_never_reports_frees_its_place() -> None:
    later = NOW + SETTINGS.cool_down_s
    probing, _ = admit(SETTINGS, broken(), later)
    assert admit(SETTINGS, probing, later + SETTINGS.probe_s)[1] == 0


def test_an_answer_asked_for_before_it_opened_changes_nothing() -> None:
    assert succeeded(broken(), NOW + 1) == broken()
    assert failed(SETTINGS, broken(), NOW + 1) == broken()


@given(st.lists(st.tuples(st.floats(0, 200), st.booleans()), max_size=80))
def test_it_never_stays_shut_for_longer_than_the_cap(steps: list[tuple[float, bool]]) -> None:
    state, now = BreakerState(), NOW
    for pause_s, works in steps:
        now += pause_s
        state, wait_s = admit(SETTINGS, state, now)
        assert 0 <= wait_s <= max(SETTINGS.cool_down_cap_s, SETTINGS.probe_s)
        if wait_s == 0:
            state = succeeded(state, now) if works else failed(SETTINGS, state, now)


class World:
    def __init__(self, processes: int = 1) -> None:
        self.now = NOW
        server = fakeredis.FakeServer()
        self.redis = [fakeredis.FakeAsyncRedis(server=server) for _ in range(processes)]
        self.breakers = [CircuitBreaker(SharedState(redis), clock=lambda: self.now) for redis in self.redis]


async def test_what_one_process_learns_the_others_follow() -> None:
    world = World(processes=2)
    one, other = world.breakers
    assert await other.admit("close") == 0.0
    for _ in range(SETTINGS.failures_to_open):
        await one.failed("close")
    assert await one.admit("close") == SETTINGS.cool_down_s
    world.now += 1.0
    assert await other.admit("close") == SETTINGS.cool_down_s - 1.0
    assert await other.admit("apollo") == 0.0

    world.now += SETTINGS.cool_down_s
    assert await one.admit("close") == 0.0
    assert await other.admit("close") > 0
    await one.succeeded("close")
    assert await other.admit("close") == 0.0


async def test_a_closed_circuit_is_answered_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    breaker = world.breakers[0]
    await breaker.admit("close")

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("asked Redis")

    monkeypatch.setattr(world.redis[0], "pipeline", refuse)
    for _ in range(100):
        assert await breaker.admit("close") == 0.0
        await breaker.succeeded("close")


async def test_the_state_can_be_shown() -> None:
    breaker = World().breakers[0]
    await breaker.failed("close")
    assert (await breaker.state("close")).failures == 1
