"""The qualification as a chain: the model's judgement, the rules where there is none, and the checks on both."""

import re
from typing import Annotated, Final

from langchain_core.runnables import Runnable, RunnableBranch, RunnableConfig, RunnableLambda
from msgspec import Meta, Struct

from pipelines.agents.claims import is_supported
from pipelines.agents.lead import LeadFacts
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.qualification.result import CRITERIA, POINTS, Criterion, Finding, Qualification, summed
from pipelines.agents.qualification.rules import UNKNOWN, by_rules, reasoning_of
from pipelines.agents.run import AgentRun

MOST_ABOVE_RULES = 40
"""A model reads between the lines and may see more than the rules do. More than this is not read but talked into it."""


_TELLING: Final = re.compile(r"\d+|[^\W\d_]{4,}|\b(?:vp|ceo|cfo|cto|coo|cmo|cio|ai|it|hr|q[1-4])\b")


class Judged(Struct, frozen=True, forbid_unknown_fields=True):
    points: Annotated[int, Meta(ge=0, le=POINTS)]
    evidence: str | None


class Judgement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the model is asked for."""

    need: Judged
    budget: Judged
    authority: Judged
    timing: Judged
    fit: Judged
    reasoning: Annotated[str, Meta(max_length=1000)]


STEP = ModelStep(
    name="qualify",
    task="conversation",
    prompt="qualification/prompt.md",
    reply=Judgement,
    most_s=0.85,
    max_output_tokens=400,
)


_Judged = tuple[LeadFacts, Judgement | None]
"""None: no model judged."""


def qualification_chain() -> Runnable[LeadFacts, Qualification]:
    """``config["configurable"]["run"]`` is the AgentRun."""
    judge = RunnableLambda(_judge, name="judge")
    rules, check = RunnableLambda(_ruled, name="rules"), RunnableLambda(_checked, name="check")
    unjudged = RunnableLambda(_unjudged, name="unjudged")
    return judge | RunnableBranch[_Judged, Qualification]((unjudged, rules), check)


async def _judge(lead: LeadFacts, config: RunnableConfig) -> _Judged:
    run: AgentRun = config["configurable"]["run"]
    known = lead.known()
    return lead, await ask(run, STEP, {"lead": known}) if known else None


async def _unjudged(judged: _Judged) -> bool:  # async as all steps: others are each run in a thread
    return judged[1] is None


async def _ruled(judged: _Judged) -> Qualification:
    lead, _ = judged
    return by_rules(lead)


async def _checked(judged: _Judged) -> Qualification:
    """What rests on nothing counts as unknown, and the whole stays within reach of what the rules find."""
    lead, judgement = judged
    assert judgement is not None, "the rules take over where there is none"
    known = str(list(lead.known().values())).lower()
    criteria: dict[Criterion, Finding] = {name: _finding(getattr(judgement, name), known) for name in CRITERIA}
    ceiling = by_rules(lead).score + MOST_ABOVE_RULES
    excess = sum(finding.points for finding in criteria.values()) - ceiling
    criteria = _lowered(criteria, excess) if excess > 0 else criteria
    reasoning = judgement.reasoning.strip()
    return summed(criteria, reasoning if is_supported(reasoning, [known]) else reasoning_of(criteria))


def _finding(judged: Judged, known: str) -> Finding:
    """``known``: all that is known of the lead; evidence has to have a telling word of it."""
    evidence = " ".join((judged.evidence or "").split())[:200] or None
    if evidence is not None and not _is_of(evidence.lower(), known):
        evidence = None
    return Finding(judged.points if evidence else min(judged.points, UNKNOWN), evidence)


def _is_of(evidence: str, known: str) -> bool:
    return evidence in known or not set(_TELLING.findall(evidence)).isdisjoint(_TELLING.findall(known))


def _lowered(criteria: dict[Criterion, Finding], excess: int) -> dict[Criterion, Finding]:
    """The same with ``excess`` points fewer, taken from the highest."""
    points = {name: finding.points for name, finding in criteria.items()}
    for _ in range(excess):
        highest = max(points, key=lambda name: points[name])
        points[highest] -= 1
    return {name: Finding(points[name], finding.evidence) for name, finding in criteria.items()}
