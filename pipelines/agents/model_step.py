"""One question to a model inside an agent: a prompt file, data, and the form of the answer.

The answer is checked against the form whatever the provider promises. One that does not fit is sent back once, if there
is time; after that, and when no model answers in time, there is no answer and the agent's rules take the step. Of one
that was cut off at its limit, what is whole counts.
"""

import asyncio
import logging
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from prometheus_client import Counter

from pipelines.agents.answer_schema import answer_schema
from pipelines.agents.run import RULES, AgentRun
from pipelines.agents.untrusted import RULE, fenced
from pipelines.language.tags import ENGLISH, to_write
from pipelines.llm.gateway.port import Completion, Task
from pipelines.llm.port import ChatRequest, LlmError, Message

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Struct)

_STEPS = Counter("sales_agent_agent_steps_total", "Steps of agents, by how they were done.", ["agent", "step", "by"])
GATEWAY_PATIENCE = 3.0
"""The gateway divides its time among providers and blames those that miss their part. A step's time is short for
reasons of ours: it is ended from here, which is nobody's fault, and opens no circuit that live calls depend on."""

_LEAST_S = 0.05
"""With less time left no model is asked."""


class ModelStep(Struct, Generic[T], frozen=True, kw_only=True):
    """``prompt``: a file beside the agent, as ``qualification/prompt.md`` · ``reply``: what the answer must be, every
    member required · ``share``: of the time the run has left, how much the step may take · ``most_s``: and no more."""

    name: str
    task: Task
    prompt: str
    reply: type[T]
    share: float = 1.0
    most_s: float = 10.0
    max_output_tokens: int = 600
    temperature: float = 0.2


async def ask(run: AgentRun, step: ModelStep[T], data: Any, *, language: str = ENGLISH) -> T | None:
    """The model's checked answer about ``data``; None: the rules have to do it. ``language``: what it writes in,
    whatever the prompt says."""
    run.engines.setdefault(step.name, RULES)  # a step done again keeps the model it had
    available_s = min(run.remaining_s * step.share, step.most_s)
    if available_s < _LEAST_S or not run.gateway.has_model(step.task):
        _STEPS.labels(run.agent, step.name, RULES).inc()
        return None
    ends_s = run.remaining_s - available_s
    messages = (
        Message(role="system", content="\n\n".join(filter(None, [prompt_text(step.prompt), RULE, to_write(language)]))),
        Message(role="user", content=fenced(data)),
    )
    try:
        completion = await _complete(run, step, messages, available_s)
        answer, fault = _read(completion, step.reply)
        left_s = run.remaining_s - ends_s
        if answer is None and left_s > completion.latency_ms / 1000:
            completion = await _complete(run, step, (*messages, *_sent_back(completion.text, fault)), left_s)
            answer, fault = _read(completion, step.reply)
    except LlmError as error:
        log.info("agent %s: step %s goes by rules: %s", run.agent, step.name, error.code)
        _STEPS.labels(run.agent, step.name, error.code).inc()
        return None
    if answer is None:
        log.info("agent %s: step %s goes by rules: the answer does not fit", run.agent, step.name)
    else:
        run.engines[step.name] = completion.model
    _STEPS.labels(run.agent, step.name, "invalid_answer" if answer is None else "model").inc()
    return answer


@cache
def prompt_text(name: str) -> str:
    return files("pipelines.agents").joinpath(name).read_text(encoding="utf-8").strip()


async def _complete(
    run: AgentRun, step: ModelStep[Any], messages: tuple[Message, ...], deadline_s: float
) -> Completion:
    request = ChatRequest(
        messages=messages,
        max_output_tokens=step.max_output_tokens,
        temperature=step.temperature,
        response_schema=answer_schema(step.reply),
    )
    try:
        async with asyncio.timeout(deadline_s):
            return await run.gateway.complete(step.task, request, run.whose, deadline_s=deadline_s * GATEWAY_PATIENCE)
    except TimeoutError:
        raise LlmError("llm_timeout", "no model answered in time for the step", retryable=True) from None


def _read(completion: Completion, reply: type[T]) -> tuple[T | None, str]:
    """The answer, or what is wrong with it. Models wrap JSON in prose and code fences; only the object counts."""
    text = completion.text
    start, end = text.find("{"), text.rfind("}")
    found = text[start : end + 1] if start >= 0 else text
    if completion.finish_reason == "length":
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            return msgspec.json.decode(f"{found}]}}", type=reply), ""  # it ended within the list that comes last
    try:
        return msgspec.json.decode(found, type=reply), ""
    except msgspec.ValidationError as error:
        return None, str(error)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None, "It is not one JSON object."


def _sent_back(text: str, fault: str) -> tuple[Message, Message]:
    complaint = f"That answer does not have the form asked for. {fault} Answer again with the JSON object alone."
    return Message(role="assistant", content=text[:8000] or "{}"), Message(role="user", content=complaint)
