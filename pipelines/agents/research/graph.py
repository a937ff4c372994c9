"""search → analyse → synthesise, with a second search where the analysis misses something and there is time."""

from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from msgspec import Meta, Struct

from pipelines.agents.claims import is_supported
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.research import report
from pipelines.agents.research.sources import inside, outside
from pipelines.agents.run import RULES, AgentRun

MOST_ROUNDS: Final = 2
MOST_QUERIES: Final = 2
MOST_FINDINGS: Final = 40
PROMPT_CHARS: Final = 500
TIME_FOR_A_ROUND: Final = 0.45
"""Of the time given, so much must be left for another search and what follows."""

Line = Annotated[str, Meta(max_length=300)]


class ClaimMade(Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=600)]
    sources: Annotated[list[int], Meta(max_length=20)]
    confidence: Annotated[float, Meta(ge=0, le=1)]


class Analysis(Struct, frozen=True, forbid_unknown_fields=True):
    """The list comes last: an answer that is cut off loses its end alone."""

    queries: Annotated[list[Line], Meta(max_length=6)]
    gaps: Annotated[list[Line], Meta(max_length=8)]
    claims: Annotated[list[ClaimMade], Meta(max_length=12)]


class Synthesis(Struct, frozen=True, forbid_unknown_fields=True):
    summary: Annotated[str, Meta(min_length=1, max_length=2000)]


ANALYSE = ModelStep(
    name="analyse", task="research", prompt="research/analyse.md", reply=Analysis, share=0.6, max_output_tokens=900
)
SYNTHESISE = ModelStep(
    name="synthesise",
    task="reasoning",
    prompt="research/synthesise.md",
    reply=Synthesis,
    share=0.9,
    max_output_tokens=500,
)


class ResearchState(TypedDict, total=False):
    """Sources are numbers of ``findings``, from 1 · ``asked``: somebody asked, and does not want to know of the lead
    alone."""

    question: str
    asked: bool
    lead: dict[str, Any]
    queries: list[str]
    findings: list[dict[str, Any]]
    not_searched: list[dict[str, str]]
    claims: list[dict[str, Any]]
    gaps: list[str]
    rounds: int
    output: dict[str, Any]


def research_graph(parts: AgentParts) -> "StateGraph[ResearchState, AgentRun, Any, Any]":
    async def search(state: ResearchState, runtime: Runtime[AgentRun]) -> ResearchState:
        """Gather what the queries find; what cannot be asked is told, not passed over."""
        run, first = runtime.context, state["rounds"] == 0
        found, missing = inside(parts, state["lead"], [state["question"], *state["queries"]])
        more, unanswered = await outside(parts, run, state["lead"], state["queries"], first=first)
        told = {entry["message"]: entry for entry in (*state["not_searched"], *missing, *unanswered)}
        return {
            "findings": _distinct([*state["findings"], *found, *more])[:MOST_FINDINGS],
            "not_searched": list(told.values()),
            "rounds": state["rounds"] + 1,
        }

    async def analyse(state: ResearchState, runtime: Runtime[AgentRun]) -> Command[Literal["search", "synthesise"]]:
        """Claims from findings, and what is missing still."""
        run, findings = runtime.context, state["findings"]
        read = None
        if findings:
            read = await ask(run, ANALYSE, {"question": state["question"], "findings": _numbered(findings)})
        else:
            run.engines.setdefault(ANALYSE.name, RULES)
        if read is None:
            claims = state["claims"] or report.by_rules(state["question"], findings, asked=state["asked"])
            return Command(goto="synthesise", update={"claims": claims})
        claims, dropped = report.carried(msgspec.to_builtins(read.claims), findings)
        if not claims:
            claims = report.by_rules(state["question"], findings, asked=state["asked"])
        gaps = [gap for gap in read.gaps if gap.strip()]
        if dropped:
            gaps.append(f"{dropped} {'claim' if dropped == 1 else 'claims'} that no source carried left out.")
        again = (
            bool(read.queries)
            and "search_web" in parts.tools
            and state["rounds"] < MOST_ROUNDS
            and run.remaining_s > TIME_FOR_A_ROUND * run.deadline_s
        )
        update = {"claims": claims, "gaps": gaps, "queries": [query[:200] for query in read.queries[:MOST_QUERIES]]}
        return Command(goto="search" if again else "synthesise", update=update)

    async def synthesise(state: ResearchState, runtime: Runtime[AgentRun]) -> ResearchState:
        """One answer out of the claims, without anything they do not say."""
        run, claims = runtime.context, state["claims"]
        texts = [claim["text"] for claim in claims]
        written = None
        if claims:
            written = await ask(
                run, SYNTHESISE, {"question": state["question"], "claims": texts, "gaps": state["gaps"]}
            )
        if written is None or not is_supported(written.summary, [state["question"], *texts]):
            run.engines[SYNTHESISE.name] = RULES
            summary = report.summary_by_rules(claims, state["findings"])
        else:
            summary = " ".join(written.summary.split())
        return {"output": _output(state, summary, run)}

    graph = StateGraph(ResearchState, context_schema=AgentRun)
    graph.add_node("search", search)
    graph.add_node("analyse", analyse, destinations=("search", "synthesise"))
    graph.add_node("synthesise", synthesise)
    graph.add_edge(START, "search")
    graph.add_edge("search", "analyse")
    graph.add_edge("synthesise", END)
    return graph


def _output(state: ResearchState, summary: str, run: AgentRun) -> dict[str, Any]:
    claims, findings = state["claims"], state["findings"]
    answers = report.answering(claims, findings) if state["asked"] else claims
    return {
        "question": state["question"],
        "summary": summary,
        "claims": claims,
        "sources": report.used(claims, findings),
        "confidence": report.confidence(answers),
        "not_found": state["gaps"] or ([] if answers else [state["question"]]),
        "not_searched": state["not_searched"],
        "rounds": state["rounds"],
        "engine": run.engine,
        "latency_ms": round(run.latency_ms, 2),
        "cost_usd": run.bill.cost_usd,
    }


def _numbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": number, "kind": entry["kind"], "title": entry["title"], "text": entry["text"][:PROMPT_CHARS]}
        for number, entry in enumerate(found, start=1)
    ]


def _distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(entry["kind"], entry["title"], entry["text"]): entry for entry in found}.values())
