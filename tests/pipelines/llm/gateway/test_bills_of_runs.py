"""What a run of an agent is charged for: everything the ledger has under its id, whichever way it ended."""

import asyncio

from eventually import eventually

from pipelines.llm.gateway.gateway import GatewaySettings
from pipelines.llm.gateway.latency import HedgeSettings
from pipelines.llm.gateway.live import LiveSettings
from pipelines.llm.gateway.port import Attribution
from pipelines.llm.port import ChatRequest, Completed, Message
from simulators.faults import parse_faults

HEDGED = GatewaySettings(live=LiveSettings(hedging=HedgeSettings(least_ms=50, unmeasured_ms=50)))
HELLO = ChatRequest(
    messages=(Message("system", "You sell umbrellas. " * 40), Message("user", "Hello there")),
    conversation_id="conv_1",
    execution_id="exec_1",
)


def calls(placed):
    """Those of the run; probes of a provider that failed are nobody's."""
    return [row for row in placed.rows.calls if row.execution_id == "exec_1"]


def entered(placed) -> float:
    return sum(row.cost_usd for row in calls(placed))


async def test_who_loses_a_race_is_on_the_bill_of_the_run(simulate, place):
    simulators = await simulate(delays="*.first_token_ms=20;*.tokens_per_s=2000;cerebras.first_token_ms=600")
    placed = await place(simulators, "cerebras", "deepseek", settings=HEDGED, CONVERSATION_MODELS="cerebras,deepseek")
    bill = placed.gateway.bills.open("exec_1")
    rung = placed.gateway.ladder("conversation")[0]
    done = [event async for event in rung.stream(HELLO) if isinstance(event, Completed)]
    told: list[float] = []
    bill.when_settled(lambda: told.append(bill.cost_usd))

    assert done
    assert [row.provider for row in placed.rows.calls] == ["deepseek"]
    assert bill.cost_usd > entered(placed) > 0, "the loser goes on, and counts already"
    expected = bill.cost_usd
    await eventually(lambda: len(placed.rows.calls) == 2)
    assert placed.rows.calls[1].cost_usd > 0
    assert told == [bill.cost_usd] == [entered(placed)]
    assert abs(expected - bill.cost_usd) < 0.05 * expected, "it was expected to cost about that"


async def test_a_request_that_is_cut_off_is_on_the_bill(simulate, place):
    simulators = await simulate(delays="*.first_token_ms=20;*.tokens_per_s=20")
    placed = await place(simulators, "deepseek")
    bill = placed.gateway.bills.open("exec_1")
    try:
        async with asyncio.timeout(0.5):
            await placed.gateway.complete("conversation", HELLO, Attribution(execution_id="exec_1"), deadline_s=10.0)
    except TimeoutError:
        pass
    (cut_off,) = placed.rows.calls
    assert cut_off.status == "cancelled"
    assert bill.cost_usd == cut_off.cost_usd > 0


async def test_a_failed_try_and_its_stand_in_are_both_on_the_bill(simulate, place):
    simulators = await simulate(delays="*.first_token_ms=20;*.tokens_per_s=2000")
    simulators.simulation.faults.replace(parse_faults("cerebras:drop@mid"))
    placed = await place(simulators, "cerebras", "deepseek", CONVERSATION_MODELS="cerebras,deepseek")
    bill = placed.gateway.bills.open("exec_1")
    reply = await placed.gateway.complete("conversation", HELLO, Attribution(execution_id="exec_1"), deadline_s=10.0)
    assert reply.attempts == 2
    assert [row.status for row in calls(placed)] == ["failed", "success"]
    assert bill.cost_usd == entered(placed) == reply.cost_usd
    assert calls(placed)[0].cost_usd > 0
