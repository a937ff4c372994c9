"""A text refined: criticised and rewritten until the critic is content."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from pipelines.agents.refine.agent import MAX_ROUNDS, MAX_TEXT_CHARS
from pipelines.agents.requests import Asked

refine = Resource("refine", "Texts made better, round by round.")

_FAILED_STATUS: Final = 502


class RefineRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`goal`: what the text is to do, for whom, in which tone (`instructions` is another word for it). `max_words`: no
    longer than that. What is there after `time_limit_s` is the answer."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS, pattern=r"\S")]
    goal: Annotated[str, Meta(max_length=2000)] | None = None
    instructions: Annotated[str, Meta(max_length=2000)] | None = None
    max_rounds: Annotated[int, Meta(ge=1, le=MAX_ROUNDS)] = 3
    max_words: Annotated[int, Meta(ge=5, le=2000)] | None = None
    time_limit_s: Annotated[int, Meta(ge=2, le=60)] = 20


class TextProblem(Struct, frozen=True):
    """`code`: `critic`, the model's, or a rule's: `placeholder`, `spam_words`, `shouting`, `wordy`, `empty_words`,
    `said_twice`, `marks`, `long_sentence`, `too_long`."""

    code: str
    message: str


class RefineRound(Struct, frozen=True, kw_only=True):
    """`problems`: of the text before it; `changes`: what was done about them. `dropped`: it made the text no better,
    and an earlier one is the answer. `engine`: the model that wrote, or `rules`."""

    number: int
    score_before: int
    problems: list[TextProblem]
    changes: list[str]
    engine: str
    text: str
    dropped: bool


class Refined(Struct, frozen=True, kw_only=True):
    """`content`: the critic is; else `problems` are left. `score`: of ten. `engine`: `rules`, or the models that had a
    part."""

    text: str
    content: bool
    score: int
    problems: list[TextProblem]
    rounds: list[RefineRound]
    engine: str
    latency_ms: float
    cost_usd: float
    thread_id: str


class _Output(Struct):
    text: str
    content: bool
    score: int
    problems: list[TextProblem]
    rounds: list[RefineRound]


@refine.post("/api/refine", scope="write", summary="Refine a text", errors=(502, 503))
async def refine_text(call: Call, body: RefineRequest) -> Refined:
    """No fact, figure or link is added that is neither in the text nor in the goal. Without models rules do what they
    can: fewer and plainer words, shorter sentences, nothing that spam filters stop at; what they cannot mend, such as a
    placeholder, is in `problems`."""
    given = {
        "text": body.text,
        "goal": "\n".join(part for part in (body.goal, body.instructions) if part) or None,
        "max_rounds": body.max_rounds,
        "max_words": body.max_words,
    }
    if given["goal"] is not None:
        given["goal"] = str(given["goal"])[:2000]
    reply = await call.services.agents.run(Asked(agent="refine", input=given, target_s=float(body.time_limit_s)))
    if not reply.output:
        code = reply.error.code if reply.error else "agent_failed"
        raise Problem(_FAILED_STATUS, code, "The text could not be refined; try again.")
    output = msgspec.convert(reply.output, _Output)
    return Refined(
        text=output.text,
        content=output.content,
        score=output.score,
        problems=output.problems,
        rounds=output.rounds,
        engine=reply.engine,
        latency_ms=reply.latency_ms,
        cost_usd=reply.cost_usd,
        thread_id=reply.thread_id,
    )
