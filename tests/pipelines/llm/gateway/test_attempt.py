"""One request to one provider, and the race of two: what is measured, blamed and entered, whichever way it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from pipelines.llm.gateway.attempt import Attempt, Desk, Patience
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.endpoint import Endpoint
from pipelines.llm.gateway.latency import HedgeSettings
from pipelines.llm.gateway.ledger import CHARACTERS_A_TOKEN, Ledger
from pipelines.llm.gateway.port import Attribution
from pipelines.llm.gateway.race import Race
from pipelines.llm.port import ChatRequest, Completed, LlmError, LlmEvent, Message, TextDelta, Usage
from pipelines.llm.prices import PriceList
from storage.ledger.records import ModelCallRecord, TrackedRecord

HELLO = ChatRequest(messages=(Message("user", "Hello there, umbrella man"),))
DONE = Completed("stop")


class Adapter:
    """Plays a script: seconds to wait, events, and exceptions."""

    model = "m"

    def __init__(self, *script: float | LlmEvent | Exception, name: str = "acme") -> None:
        self.name = name
        self._script = script

    async def stream(self, request: ChatRequest) -> AsyncIterator[LlmEvent]:
        for step in self._script:
            if isinstance(step, float):
                await asyncio.sleep(step)
            elif isinstance(step, Exception):
                raise step
            else:
                yield step


class Office:
    """What attempts share, and what came of them."""

    def __init__(self) -> None:
        self.rows: list[ModelCallRecord] = []
        self.suspects: list[Endpoint] = []
        ledger = Ledger(PriceList(), lambda: datetime(2026, 11, 16, 12, tzinfo=UTC))
        ledger.tracker = self
        self.desk = Desk(ProviderBreakers(), ledger, self.suspects.append)

    def record(self, row: TrackedRecord) -> None:
        assert isinstance(row, ModelCallRecord)
        self.rows.append(row)

    def attempt(self, endpoint: Endpoint, *, is_probe: bool = False, first_token_s: float = 0.3) -> Attempt:
        patience = Patience(first_token_s, silence_s=0.1)
        return Attempt(
            self.desk, endpoint, HELLO, task="chat", whose=Attribution(), patience=patience, is_probe=is_probe
        )


def endpoint(*script: float | LlmEvent | Exception, name: str = "acme") -> Endpoint:
    return Endpoint(Adapter(*script, name=name), PriceList())  # type: ignore[arg-type]


@pytest.fixture
def office() -> Office:
    return Office()


async def test_the_first_text_is_measured_once_and_a_probe_says_nothing_of_whole_replies(office: Office) -> None:
    for is_probe in (False, True):
        asked = endpoint(0.02, TextDelta("Yes"), 0.05, TextDelta("."), DONE)
        attempt, began_s = office.attempt(asked, is_probe=is_probe), asyncio.get_running_loop().time()
        assert [event async for event in attempt.events()] == [TextDelta("Yes"), TextDelta("."), DONE]
        first_ms = attempt.call.first_token_ms
        assert first_ms is not None
        assert attempt.call.latency_ms <= (asyncio.get_running_loop().time() - began_s) * 1000
        assert 19.0 <= first_ms <= attempt.call.latency_ms - 49.0
        assert asked.first_tokens.typical_ms(asyncio.get_running_loop().time()) == (None if is_probe else first_ms)
    assert [row.status for row in office.rows] == ["success"] * 2


async def test_a_reply_that_has_begun_is_waited_for_no_longer_than_a_silence(office: Office) -> None:
    with pytest.raises(LlmError, match="did not answer in time"):
        async for _ in office.attempt(endpoint(TextDelta("Well"), 1.0, DONE), first_token_s=4.0).events():
            pass


@pytest.mark.parametrize("counted", [Usage(7, 3), Usage(0, 3), Usage(7, 0), Usage()])
async def test_what_a_provider_does_not_count_is_estimated(office: Office, counted: Usage) -> None:
    said = "Red and blue ones."
    async for _ in office.attempt(endpoint(TextDelta(said), Completed("stop", counted))).events():
        pass
    (row,) = office.rows
    estimated = (len(HELLO.messages[0].content) // CHARACTERS_A_TOKEN, -(-len(said) // CHARACTERS_A_TOKEN))
    expected = estimated if counted == Usage() else (counted.input_tokens, counted.output_tokens)
    assert (row.prompt_tokens, row.completion_tokens) == expected


@pytest.mark.parametrize(
    ("script", "code", "blamed"),
    [
        ((5.0, DONE), "llm_timeout", True),
        ((TextDelta("Well"), 5.0, DONE), "llm_timeout", True),
        ((TextDelta("Well"),), "llm_incomplete", True),
        ((LlmError("llm_too_large", "", retryable=True),), "llm_too_large", False),
        ((ValueError("a bug of ours"),), "model_error", False),
    ],
)
async def test_however_it_fails_it_is_entered_and_another_may_be_asked(
    office: Office, script: Sequence[float | LlmEvent | Exception], code: str, blamed: bool
) -> None:
    asked = endpoint(*script)
    with pytest.raises(LlmError) as failed:
        async for _ in office.attempt(asked).events():
            pass
    assert (failed.value.code, failed.value.retryable) == (code, True)
    assert [(row.status, row.error_code) for row in office.rows] == [("failed", code)]
    assert (asked.suspect, office.suspects) == (blamed, [asked] if blamed else [])


def race(office: Office, first: Endpoint) -> Race:
    second = endpoint(TextDelta("Second"), DONE, name="other")
    hedging = HedgeSettings(unmeasured_ms=50.0)
    return Race(
        [first, second],
        lambda asked: office.attempt(asked, first_token_s=5.0),
        hedging=hedging,
        on_failed=lambda failed: None,
    )


async def test_when_all_have_failed_the_last_says_why(office: Office) -> None:
    first, second = (endpoint(LlmError(code, "", retryable=True)) for code in ("llm_bad_chunk", "llm_provider_error"))
    failed: list[Endpoint] = []
    running = Race([first, second], office.attempt, hedging=HedgeSettings(), on_failed=failed.append)
    with pytest.raises(LlmError) as why:
        await running.winner()
    assert (why.value.code, failed, running.losers) == ("llm_provider_error", [first, second], [])


def hedges(provider: str, won: str) -> float:
    return REGISTRY.get_sample_value("sales_agent_model_hedges_total", {"provider": provider, "won": won}) or 0.0


async def test_who_is_late_is_counted_by_who_came_first(office: Office) -> None:
    before = hedges("late", "yes")
    running = race(office, endpoint(4.0, DONE, name="late"))
    winner = await running.winner()
    assert (winner.endpoint.provider, winner.is_hedge, hedges("late", "yes")) == ("other", True, before + 1)
    for task, _ in running.losers:
        task.cancel()
    await asyncio.wait([task for task, _ in running.losers])


async def test_nobody_else_is_asked_for_time_in_which_this_process_could_not_have_heard(office: Office) -> None:
    running = race(office, endpoint(0.03, *[0.0] * 5, TextDelta("First"), DONE))
    asyncio.get_running_loop().call_soon(time.sleep, 0.1)
    winner = await running.winner()
    assert (winner.endpoint.provider, len(running.asked)) == ("acme", 1)
    await winner.events.aclose()  # type: ignore[attr-defined]
