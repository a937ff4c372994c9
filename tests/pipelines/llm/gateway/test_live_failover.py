"""Every fault, at every provider, at every moment of a live turn: the turn is finished, and soon."""

import asyncio
import logging
import os
from contextlib import aclosing

import pytest
from eventually import eventually
from msgspec import Struct
from msgspec.structs import replace

from pipelines.llm.gateway.gateway import WARM, GatewaySettings
from pipelines.llm.gateway.latency import HedgeSettings, PatienceSettings
from pipelines.llm.gateway.live import LiveSettings
from pipelines.llm.port import ChatRequest, Completed, LlmError, Message, Serving, TextDelta, ToolSpec
from simulators.delays import parse_delays
from simulators.faults import parse_faults
from storage.shared.circuit_breaker import BreakerSettings

log = logging.getLogger(__name__)

FAST = "*.first_token_ms=20;*.tokens_per_s=2000"
HASTY = GatewaySettings(
    live=LiveSettings(
        first_token=PatienceSettings(most_ms=900),
        silence_s=0.4,
        hedging=HedgeSettings(least_ms=100, unmeasured_ms=200),
    )
)
HELLO = ChatRequest(
    messages=(Message("system", "You sell umbrellas."), Message("user", "Hello there")), conversation_id="conv_1"
)
BEFORE_THE_FIRST_TOKEN = [
    "refuse",
    "refuse,status=0",
    "rate_limit,retry_after_s=30",
    "server_error",
    "drop@connect",
    "drop@first",
    "server_error@first",
    "garbage@first",
    "stall@connect",
    "stall@accepted",
    "stall@first",
    "hang@first,duration_ms=1500",
]
AFTER_IT = [
    "slow_drip@first,pause_ms=3000",
    "stall@mid",
    "drop@mid",
    "server_error@mid",
    "garbage@mid",
    "slow_drip@mid,pause_ms=3000",
]
PROTOCOLS = ("cerebras", "anthropic")
"""Every fault strikes both protocols; the others who speak the first get some of each kind, or all when asked for."""
OTHERS = ("openai", "deepseek", "openrouter", "runpod", "ollama")
SOME = ("server_error@first", "stall@accepted", "stall@mid", "drop@mid")


def matrix(faults):
    thorough = "EVERY_FAULT" in os.environ
    return [
        (provider, fault)
        for provider in (*PROTOCOLS, *OTHERS)
        for fault in faults
        if thorough or provider in PROTOCOLS or fault in SOME
    ]


class Turn(Struct):
    """What a conversation got out of the ladder."""

    said: str
    served: list[str]
    failures: list[str]
    first_token_s: float
    longest_silence_s: float


async def rest_of(stream) -> None:
    async for _ in stream:
        pass


async def turn(gateway, request=HELLO) -> Turn:
    """Goes down the ladder as the conversation core does: what was said stays, the next rung goes on after it."""
    clock = asyncio.get_running_loop().time
    began = last = clock()
    said, served, failures = "", [], []
    first_s, silence_s = 0.0, 0.0
    for rung in gateway.ladder("conversation"):
        try:
            async with aclosing(rung.stream(request)) as stream:
                async for event in stream:
                    silence_s = max(silence_s, clock() - last)
                    last = clock()
                    match event:
                        case Serving(provider, _):
                            served.append(provider)
                        case TextDelta(text):
                            first_s = first_s or last - began
                            said += text
                        case Completed():
                            return Turn(said, served, failures, first_s, silence_s)
        except LlmError as error:
            failures.append(error.code)
            if said:
                goes_on = (*HELLO.messages, Message("assistant", said))
                request = ChatRequest(messages=goes_on, conversation_id=request.conversation_id)
    raise AssertionError(f"nobody finished the turn: {failures}")


@pytest.fixture
async def two(simulate, place):
    """A gateway with ``first`` in front and another provider behind it; ``faults`` strike the first alone."""

    async def make(first, faults, settings=HASTY):
        second = "openai" if first != "openai" else "cerebras"
        simulators = await simulate(delays=FAST)
        order = {"CONVERSATION_MODELS": f"{first},{second}"}
        placed = await place(simulators, first, second, settings=settings, **order)
        for endpoint in placed.gateway.endpoints:
            await rest_of(endpoint.adapter.stream(WARM))
        simulators.simulation.forget()
        simulators.simulation.faults.replace(parse_faults(f"{first}:{faults}" if faults else ""))
        return simulators, placed, second

    return make


@pytest.mark.parametrize(("provider", "fault"), matrix(BEFORE_THE_FIRST_TOKEN))
async def test_before_the_first_token(two, provider, fault):
    _, placed, second = await two(provider, fault)
    got = await turn(placed.gateway)
    assert got.said
    assert got.served[-1] == second
    assert got.failures == []
    assert got.first_token_s < 1.0


@pytest.mark.parametrize(("provider", "fault"), matrix(AFTER_IT))
async def test_in_mid_sentence(two, provider, fault):
    _, placed, second = await two(provider, fault)
    got = await turn(placed.gateway)
    assert got.served == [provider, second]
    assert len(got.failures) == 1
    assert got.longest_silence_s < HASTY.live.silence_s + 0.6
    assert [row[:2] for row in placed.rows.of("conversation")] == [(provider, "failed"), (second, "success")]


async def test_a_turn_without_faults_asks_nobody_else(two):
    simulators, placed, second = await two("cerebras", "")
    for _ in range(12):
        assert (await turn(placed.gateway)).served == ["cerebras"]
    assert simulators.simulation.seen[second].counters["requests"] == 0
    row = placed.rows.calls[0]
    assert (row.task, row.status, row.conversation_id) == ("conversation", "success", "conv_1")


async def test_with_the_first_stalled_for_good_only_the_first_turn_is_later(two):
    """The figure of the promise: added to the first such turn at most a second, to later ones nothing."""
    simulators, placed, second = await two("cerebras", "", GatewaySettings())
    usual = [(await turn(placed.gateway)).first_token_s for _ in range(12)]
    usual_s = sorted(usual)[len(usual) // 2]
    simulators.simulation.faults.replace(parse_faults("cerebras:stall"))
    first = await turn(placed.gateway)
    later = [await turn(placed.gateway) for _ in range(5)]
    added_ms = [round((got.first_token_s - usual_s) * 1000) for got in (first, *later)]
    log.info("added to the first token with the first provider stalled, turn by turn: %s ms", added_ms)
    assert {got.served[-1] for got in (first, *later)} == {second}
    assert added_ms[0] <= 1000
    await eventually(lambda: not placed.gateway.breakers.is_closed("cerebras"), timeout_s=20)
    with_open = [await turn(placed.gateway) for _ in range(5)]
    added_ms = [round((got.first_token_s - usual_s) * 1000) for got in with_open]
    log.info("the same, the breaker open: %s ms", added_ms)
    assert sorted(added_ms)[2] < 60
    asked = simulators.simulation.seen["cerebras"].counters["requests"]
    await turn(placed.gateway)
    assert simulators.simulation.seen["cerebras"].counters["requests"] == asked


async def test_the_second_turn_is_no_later_though_the_breaker_is_closed_yet(two):
    """Who let a caller wait goes behind the others at once, and is probed beside the calls."""
    simulators, placed, second = await two("cerebras", "stall,nth=1,times=1")
    assert (await turn(placed.gateway)).served == [second]
    assert (await turn(placed.gateway)).first_token_s < HASTY.live.hedging.unmeasured_ms / 1000
    await eventually(lambda: "cerebras" in [row.provider for row in placed.rows.calls if row.task == "probe"])
    await eventually(lambda: not any(endpoint.suspect for endpoint in placed.gateway.endpoints))
    assert (await turn(placed.gateway)).served == ["cerebras"]
    assert simulators.simulation.seen["cerebras"].counters["aborted"] == 1


async def test_a_slow_first_token_is_hedged_and_the_loser_stopped_and_entered(two):
    simulators, placed, second = await two("cerebras", "stall@first,duration_ms=500,times=1")
    simulators.simulation.delays.override(parse_delays(f"{FAST};cerebras.tokens_per_s=20"))
    parameters = {"type": "object", "properties": {"query": {"type": "string", "description": "What to look for."}}}
    tools = tuple(ToolSpec(name, "Look it up in the catalogue.", parameters) for name in ("search", "find", "look_up"))
    got = await turn(placed.gateway, replace(HELLO, tools=tools, tool_choice="none"))
    assert got.served == [second]
    await eventually(lambda: len(placed.rows.of("conversation")) == 2)
    assert sorted(placed.rows.of("conversation")) == [("cerebras", "cancelled", None), (second, "success", None)]
    late, counted = (next(row for row in placed.rows.calls if row.provider == name) for name in ("cerebras", second))
    assert late.first_token_ms >= 500
    assert late.prompt_tokens == pytest.approx(counted.prompt_tokens, rel=0.25), "as much as the provider counts"
    await eventually(lambda: simulators.simulation.seen["cerebras"].counters["aborted"] == 1)


async def test_a_hedge_that_comes_too_late_leaves_the_turn_to_the_first(two):
    """The first answers while the second is being asked."""
    simulators, placed, second = await two("cerebras", "stall@first,duration_ms=250")
    simulators.simulation.delays.override(parse_delays(f"{FAST};{second}.first_token_ms=2000"))
    assert (await turn(placed.gateway)).served == ["cerebras"]
    await eventually(lambda: simulators.simulation.seen[second].counters["aborted"] == 1, timeout_s=6)
    assert placed.gateway.breakers.is_closed(second)


async def test_the_next_rung_leaves_out_who_failed_in_this_turn_alone(two):
    _, placed, second = await two("cerebras", "drop@mid,times=1")
    assert (await turn(placed.gateway)).served == ["cerebras", second]
    await eventually(lambda: not any(endpoint.suspect for endpoint in placed.gateway.endpoints))
    assert (await turn(placed.gateway)).served == ["cerebras"]


async def test_when_nobody_is_left_the_playbook_is_not_kept_waiting(simulate, place):
    placed = await place(await simulate(faults="*:refuse"), "cerebras", "openai", settings=HASTY)
    began = asyncio.get_running_loop().time()
    for rung in placed.gateway.ladder("conversation"):
        with pytest.raises(LlmError):
            async for _ in rung.stream(HELLO):
                pass
    assert asyncio.get_running_loop().time() - began < 1.0


async def test_a_turn_given_up_ends_every_request_of_it(two):
    simulators, placed, second = await two("cerebras", "stall@first")
    simulators.simulation.delays.override(parse_delays(f"{FAST};{second}.first_token_ms=60000"))
    speaking = asyncio.create_task(turn(placed.gateway))
    seen = simulators.simulation.seen
    await eventually(lambda: seen["cerebras"].busy == 1 and seen[second].busy == 1)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    await eventually(lambda: seen["cerebras"].busy == 0 and seen[second].busy == 0)
    assert sorted(placed.rows.of("conversation")) == [("cerebras", "cancelled", None), (second, "cancelled", None)]


async def test_the_breaker_opens_after_failures_in_a_row_and_closes_with_a_probe(two):
    simulators, placed, second = await two("cerebras", "server_error", GatewaySettings())
    placed.gateway.breakers._settings = BreakerSettings(failures_to_open=3, cool_down_s=0.5, probe_s=1.0)
    assert (await turn(placed.gateway)).served == [second]
    await eventually(lambda: not placed.gateway.breakers.is_closed("cerebras"), timeout_s=10)
    failures = [row for row in placed.rows.calls if row.provider == "cerebras"]
    assert len(failures) == 3
    simulators.simulation.faults.replace(())
    await eventually(lambda: placed.gateway.breakers.is_closed("cerebras"), timeout_s=10)
    assert (await turn(placed.gateway)).served == ["cerebras"]


async def test_a_refused_key_opens_it_at_once(simulate, place):
    placed = await place(await simulate(delays=FAST), "cerebras", "openai", settings=HASTY, CEREBRAS_API_KEY="wrong")
    assert (await turn(placed.gateway)).served == ["openai"]
    assert not placed.gateway.breakers.is_closed("cerebras")


async def test_many_turns_at_once_while_the_first_provider_dies(two):
    _, placed, _ = await two("cerebras", "stall@first,nth=8,times=1000", GatewaySettings())
    turns = await asyncio.gather(
        *(turn(placed.gateway, replace(HELLO, conversation_id=f"conv_{number}")) for number in range(24))
    )
    assert all(got.said for got in turns)
    assert max(got.first_token_s for got in turns) < 3.0
