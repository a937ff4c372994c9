"""critique → rewrite, and again until the critic is content, rounds or time end, or it gets no better."""

from typing import Annotated, Any, Final, Literal, TypedDict

from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from msgspec import Meta, Struct

from pipelines.agents.claims import is_supported
from pipelines.agents.marketing.templates import within
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.refine.agent import MAX_TEXT_CHARS
from pipelines.agents.refine.rules import mended, problems_of
from pipelines.agents.run import RULES, AgentRun

ENOUGH: Final = 8
"""Of ten: the critic is content."""

BY_RULE: Final = 2
"""What a problem that a rule sees takes off."""

TIME_FOR_A_ROUND_S: Final = 0.5

Line = Annotated[str, Meta(max_length=300)]


class Critique(Struct, frozen=True, forbid_unknown_fields=True):
    score: Annotated[int, Meta(ge=0, le=10)]
    problems: Annotated[list[Line], Meta(max_length=8)]


class Rewriting(Struct, frozen=True, forbid_unknown_fields=True):
    changes: Annotated[list[Line], Meta(max_length=8)]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]


CRITIQUE = ModelStep(
    name="critique", task="reasoning", prompt="refine/critique.md", reply=Critique, share=0.5, max_output_tokens=400
)
REWRITE = ModelStep(
    name="rewrite",
    task="reasoning",
    prompt="refine/rewrite.md",
    reply=Rewriting,
    share=0.8,
    max_output_tokens=2500,
    temperature=0.5,
)


class RefineState(TypedDict, total=False):
    """``given``: as it came · ``best``: the text with the best score so far, its score and problems."""

    given: str
    text: str
    goal: str
    max_rounds: int
    max_words: int | None
    best: dict[str, Any]
    problems: list[dict[str, str]]
    rounds: list[dict[str, Any]]
    output: dict[str, Any]


def refine_graph(_parts: AgentParts) -> "StateGraph[RefineState, AgentRun, Any, Any]":
    async def critique(state: RefineState, runtime: Runtime[AgentRun]) -> Command[Literal["rewrite", "__end__"]]:
        """The critic's score, less what rules see. A text that is no better than an earlier one ends it."""
        run, text = runtime.context, state["text"]
        problems = problems_of(text, state["max_words"])
        score = 10 - BY_RULE * len(problems)
        read = await ask(run, CRITIQUE, {"goal": state["goal"], "text": text})
        if read is not None:
            score = min(score, read.score)
            problems = [*problems, *({"code": "critic", "message": line} for line in read.problems)]
        score = max(0, score)
        best = state["best"]
        is_better = not best or score > best["score"]
        if is_better:
            best = {"text": text, "score": score, "problems": problems}
        is_content = score >= ENOUGH and not any(entry["code"] != "critic" for entry in problems)
        over = is_content or not is_better or len(state["rounds"]) >= state["max_rounds"]
        update: RefineState = {"best": best, "problems": problems}
        if over or run.remaining_s < TIME_FOR_A_ROUND_S:
            return Command(goto="__end__", update={**update, "output": _output(state, best, score)})
        return Command(goto="rewrite", update=update)

    async def rewrite(state: RefineState, runtime: Runtime[AgentRun]) -> RefineState:
        """The writer's text where it claims nothing that was not there, else what rules can mend."""
        run, before = runtime.context, state["text"]
        about = {
            "goal": state["goal"],
            "text": before,
            "problems": [entry["message"] for entry in state["problems"]],
            "most_words": state["max_words"],
        }
        written = await ask(run, REWRITE, about)
        engine = run.engines[REWRITE.name]
        if written is not None and is_supported(_bare(written.text), [state["given"], state["goal"]]):
            text, changes = written.text.strip(), list(written.changes)
            if state["max_words"] is not None:
                text = within(text, words=state["max_words"])
        else:
            run.engines[REWRITE.name] = engine = RULES
            text, changes = mended(before, state["max_words"])
        entry = {
            "number": len(state["rounds"]) + 1,
            "score_before": max(0, state["best"]["score"]),
            "problems": state["problems"],
            "changes": changes,
            "engine": engine,
            "text": text,
        }
        get_stream_writer()({"kind": "round", "data": entry})
        return {"text": text, "rounds": [*state["rounds"], entry]}

    graph = StateGraph(RefineState, context_schema=AgentRun)
    graph.add_node("critique", critique, destinations=("rewrite", "__end__"))
    graph.add_node("rewrite", rewrite)
    graph.add_edge(START, "critique")
    graph.add_edge("rewrite", "critique")
    return graph


def _bare(text: str) -> str:
    """A placeholder of the given text may stay, and is told of; see ``rules.problems_of``."""
    return text.translate(str.maketrans("[]{}<>", "      "))


def _output(state: RefineState, best: dict[str, Any], score: int) -> dict[str, Any]:
    rounds = state["rounds"]
    if rounds and best["text"] != state["text"]:
        rounds = [*rounds[:-1], {**rounds[-1], "dropped": True}]
    return {
        "text": best["text"],
        "score": best["score"],
        "content": best["score"] >= ENOUGH and not any(entry["code"] != "critic" for entry in best["problems"]),
        "problems": best["problems"],
        "rounds": [{"dropped": False, **entry} for entry in rounds],
    }
