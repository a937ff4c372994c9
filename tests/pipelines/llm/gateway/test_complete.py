"""Whole replies for graphs: routing, failover within the deadline, retries, and what each of them cost."""

import asyncio
import json
from uuid import uuid4

import pytest

from pipelines.llm.gateway.background import RetrySettings, wait_before
from pipelines.llm.gateway.breakers import ProviderBreakers
from pipelines.llm.gateway.gateway import GatewaySettings
from pipelines.llm.gateway.port import Attribution
from pipelines.llm.port import ChatRequest, LlmError, Message, ToolSpec
from storage.shared.circuit_breaker import BreakerSettings

HELLO = ChatRequest(messages=(Message("system", "You sell umbrellas."), Message("user", "Hello there")))
FAST = "*.first_token_ms=1;*.tokens_per_s=5000"
HASTY = GatewaySettings(retries=RetrySettings(first_wait_s=0.05, longest_wait_s=0.2))
SAID = json.dumps({"script": {"replies": [{"text": "We have red and blue ones."}]}})


@pytest.mark.parametrize(
    ("task", "provider", "model"),
    [
        ("conversation", "cerebras", "llama3.1-8b"),
        ("reasoning", "anthropic", "claude-sonnet-5-5"),
        ("research", "deepseek", "deepseek-flash"),
    ],
)
async def test_each_task_goes_to_its_provider_and_is_entered(simulate, place, task, provider, model):
    placed = await place(await simulate(SAID, delays=FAST))
    whose = Attribution(conversation_id="conv_1", lead_id=uuid4(), execution_id="exec_1")
    reply = await placed.gateway.complete(task, HELLO, whose, deadline_s=20)
    assert (reply.text, reply.provider, reply.model) == ("We have red and blue ones.", provider, model)
    assert (reply.attempts, reply.finish_reason) == (1, "stop")
    assert reply.usage.input_tokens > 0
    (row,) = placed.rows.calls
    assert (row.provider, row.model, row.task, row.status) == (provider, model, task, "success")
    assert (row.conversation_id, row.lead_id, row.execution_id) == ("conv_1", whose.lead_id, "exec_1")
    assert (row.prompt_tokens, row.completion_tokens) == (reply.usage.input_tokens, reply.usage.output_tokens)
    assert 0 < row.first_token_ms <= row.latency_ms <= reply.latency_ms
    assert row.cost_usd == (reply.cost_usd if reply.cost_is_known else None)


async def test_private_work_stays_on_own_machines(simulate, place):
    simulators = await simulate(SAID, delays=FAST, faults="ollama:drop; runpod:drop")
    placed = await place(simulators, settings=HASTY)
    with pytest.raises(LlmError):
        await placed.gateway.complete("private", HELLO, Attribution(), deadline_s=20)
    assert {row.provider for row in placed.rows.calls} == {"ollama", "runpod"}
    asked = {name for name, seen in simulators.simulation.seen.items() if seen.requests}
    assert asked == {"ollama", "runpod"}


async def test_without_a_model_it_says_so(simulate, place):
    placed = await place(await simulate(), "cerebras")
    assert placed.gateway.has_model("reasoning")
    assert not placed.gateway.has_model("private")
    with pytest.raises(LlmError) as failed:
        await placed.gateway.complete("private", HELLO, Attribution(), deadline_s=1)
    assert (failed.value.code, failed.value.retryable) == ("no_model_configured", False)


async def test_the_next_provider_answers_at_once_and_both_are_entered(simulate, place):
    placed = await place(await simulate(SAID, delays=FAST, faults="anthropic:server_error"), "anthropic", "openai")
    began = asyncio.get_running_loop().time()
    reply = await placed.gateway.complete("reasoning", HELLO, Attribution(), deadline_s=20)
    assert asyncio.get_running_loop().time() - began < 1.0
    assert (reply.provider, reply.attempts) == ("openai", 2)
    assert placed.rows.of("reasoning") == [("anthropic", "failed", "llm_overloaded"), ("openai", "success", None)]


async def test_who_stalls_leaves_time_for_the_next(simulate, place):
    placed = await place(await simulate(SAID, delays=FAST, faults="anthropic:stall"), "anthropic", "openai")
    began = asyncio.get_running_loop().time()
    reply = await placed.gateway.complete("reasoning", HELLO, Attribution(), deadline_s=1.5)
    assert reply.provider == "openai"
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_when_all_fail_it_is_tried_three_times(simulate, place):
    patient = ProviderBreakers(settings=BreakerSettings(failures_to_open=100))
    placed = await place(await simulate(faults="deepseek:server_error"), "deepseek", settings=HASTY, breakers=patient)
    with pytest.raises(LlmError) as failed:
        await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=20)
    assert failed.value.code == "llm_provider_error"
    assert placed.rows.of("research") == [("deepseek", "failed", "llm_provider_error")] * 3


async def test_what_passes_is_mended_by_a_retry(simulate, place):
    placed = await place(await simulate(SAID, delays=FAST, faults="deepseek:drop,times=1"), "deepseek", settings=HASTY)
    reply = await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=20)
    assert (reply.text, reply.attempts) == ("We have red and blue ones.", 2)


async def test_a_refusal_of_the_request_is_not_repeated(simulate, place):
    placed = await place(await simulate(), "deepseek", settings=HASTY, DEEPSEEK_API_KEY="wrong")
    with pytest.raises(LlmError) as failed:
        await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=20)
    assert failed.value.code == "llm_unauthorized"
    assert len(placed.rows.of("research")) == 1


async def test_the_wait_that_a_provider_asks_for_is_kept(simulate, place):
    simulators = await simulate(SAID, delays=FAST, faults="deepseek:rate_limit,retry_after_s=0.6,times=1")
    placed = await place(simulators, "deepseek", settings=HASTY)
    began = asyncio.get_running_loop().time()
    await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=20)
    assert 0.6 <= asyncio.get_running_loop().time() - began < 2


async def test_a_wait_past_the_deadline_is_not_waited(simulate, place):
    placed = await place(await simulate(faults="deepseek:rate_limit,retry_after_s=30"), "deepseek")
    began = asyncio.get_running_loop().time()
    with pytest.raises(LlmError) as failed:
        await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=5)
    assert (failed.value.code, failed.value.retry_after_s) == ("llm_rate_limited", 30)
    assert asyncio.get_running_loop().time() - began < 1


async def test_the_deadline_holds(simulate, place):
    placed = await place(await simulate(faults="deepseek:stall"), "deepseek")
    began = asyncio.get_running_loop().time()
    with pytest.raises(LlmError) as failed:
        await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=0.4)
    assert (failed.value.code, failed.value.retryable) == ("llm_timeout", True)
    assert asyncio.get_running_loop().time() - began < 0.8


async def test_tool_calls_are_put_together(simulate, place):
    call = {"name": "book_meeting", "arguments": {"day": "next Tuesday afternoon"}}
    document = json.dumps({"script": {"replies": [{"text": "One moment.", "tool_calls": [call, call]}]}})
    placed = await place(await simulate(document, delays=FAST), "cerebras")
    request = ChatRequest(messages=HELLO.messages, tools=(ToolSpec("book_meeting"),))
    reply = await placed.gateway.complete("conversation", request, Attribution(), deadline_s=20)
    assert [json.loads(made.arguments) for made in reply.tool_calls] == [call["arguments"]] * 2
    assert reply.finish_reason == "tool_calls"
    assert len({made.call_id for made in reply.tool_calls}) == 2


async def test_a_cost_that_is_not_known_is_not_zero(simulate, place):
    placed = await place(await simulate(SAID, delays=FAST), "anthropic", "deepseek")
    unknown = await placed.gateway.complete("reasoning", HELLO, Attribution(), deadline_s=20)
    known = await placed.gateway.complete("research", HELLO, Attribution(), deadline_s=20)
    assert (unknown.cost_is_known, known.cost_is_known) == (False, True)
    assert known.cost_usd == pytest.approx((known.usage.input_tokens * 0.15 + known.usage.output_tokens * 0.60) / 1e6)
    assert [row.cost_usd for row in placed.rows.calls] == [None, known.cost_usd]


def test_waits_double_up_to_a_cap_and_keep_the_providers_wish():
    settings = RetrySettings()
    assert [wait_before(settings, number, None, 0.0) for number in (1, 2, 3, 7)] == [2.0, 4.0, 8.0, 60.0]
    assert wait_before(settings, 1, None, 1.0) == 1.5
    assert wait_before(settings, 1, 7.0, 0.0) == 7.0
