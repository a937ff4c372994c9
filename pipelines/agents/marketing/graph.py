"""angles → (e-mail ∥ subjects ∥ LinkedIn ∥ call script, those that are wanted) → optimise."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypedDict, get_args

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from msgspec import Meta, Struct

from pipelines.agents.claims import is_supported
from pipelines.agents.marketing import templates
from pipelines.agents.marketing.agent import Part
from pipelines.agents.marketing.brief import Brief, Sender
from pipelines.agents.marketing.facts import facts_of_lead, product_facts, product_line
from pipelines.agents.marketing.posted import posted
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import RULES, AgentRun

Draft = Annotated[str, Meta(min_length=1, max_length=4000)]
Subject = Annotated[str, Meta(min_length=1, max_length=200)]


class Angle(Struct, frozen=True, forbid_unknown_fields=True):
    angle: Annotated[str, Meta(max_length=400)]
    fact: Annotated[str, Meta(max_length=400)]


class Angles(Struct, frozen=True, forbid_unknown_fields=True):
    angles: Annotated[list[Angle], Meta(min_length=1, max_length=5)]


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    text: Draft


class Subjects(Struct, frozen=True, forbid_unknown_fields=True):
    subjects: Annotated[list[Subject], Meta(min_length=1, max_length=8)]


def _step(name: str, reply: type[Any], share: float, tokens: int) -> ModelStep[Any]:
    return ModelStep(
        name=name,
        task="conversation",
        prompt=f"marketing/{name}.md",
        reply=reply,
        share=share,
        max_output_tokens=tokens,
        temperature=0.6,
    )


ANGLES = _step("angles", Angles, 0.35, 300)
SUBJECTS = _step("subjects", Subjects, 0.6, 200)

_EDITED: dict[Part, tuple[str, Any, int]] = {
    "subjects": ("subject", Subject, 60),
    "email": ("email", Draft, 300),
    "linkedin": ("linkedin", Draft, 140),
    "call_script": ("call_script", Draft, 400),
}
"""What the editor answers for each part, and in how many tokens."""


@cache
def _optimise(wanted: frozenset[Part]) -> ModelStep[Any]:
    members = [member for part, member in _EDITED.items() if part in wanted]
    form = [(name, kind) for name, kind, _ in members]
    edited = msgspec.defstruct("Edited", form, frozen=True, forbid_unknown_fields=True)
    return _step("optimise", edited, 0.95, sum(tokens for *_, tokens in members))


Template = Callable[[dict[str, Any], Sender, Brief], str]


class MarketingState(TypedDict, total=False):
    """Each branch writes a member of its own. ``only``: the parts that are wanted · ``agent``: the profile that is
    wanted, ``sender``: who writes · ``facts``: all that may be claimed."""

    lead: dict[str, Any]
    goal: str
    follow_up: int
    earlier: list[str]
    agent: str | None
    only: list[Part]
    sender: dict[str, str]
    line: str
    posted: str
    facts: list[str]
    angles: list[dict[str, str]]
    email: str
    linkedin: str
    call_script: str
    subjects: list[str]
    output: dict[str, Any]


def told(state: MarketingState) -> dict[str, Any]:
    """What whoever writes reads, what counts most first."""
    about = {"goal": state.get("goal", ""), "follow_up": state.get("follow_up", 0), "angles": state["angles"]}
    before = {"earlier": state["earlier"]} if state.get("earlier") else {}
    return about | before | _said(state.get("posted", "")) | {"facts": state["facts"]}


def wanted(state: MarketingState) -> list[Part]:
    """The branches to take: each is called like the part it writes."""
    return state.get("only") or [*get_args(Part)]


def _said(posted: str) -> dict[str, str]:
    return {"posted": posted} if posted else {}


def marketing_graph(parts: AgentParts) -> "StateGraph[MarketingState, AgentRun, Any, Any]":
    async def angles(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        lead = state["lead"]
        goal = state.get("goal", "")
        sender = parts.sender(state.get("agent"))
        product = product_facts(parts.knowledge, lead, goal, about=sender.about)
        of_lead = facts_of_lead(lead)
        said = await posted(parts, lead, runtime.context.whose.lead_id)
        facts = [*of_lead, *product, sender.name, sender.company, goal, said]
        found = await ask(runtime.context, ANGLES, {"goal": goal, **_said(said), "lead": of_lead, "product": product})
        chosen = templates.angles(lead)
        if found is not None:
            listed = msgspec.to_builtins(found.angles)
            chosen = [entry for entry in listed if all(is_supported(entry[name], facts) for name in entry)][
                :3
            ] or chosen
        return {
            "sender": msgspec.to_builtins(sender),
            "facts": [fact for fact in facts if fact],
            "angles": chosen,
            "line": product_line(parts.knowledge, lead, goal, about=sender.about),
            "posted": said,
        }

    def draft(part: Part, tokens: int, template: Template) -> Any:
        step = _step(part, Text, 0.6, tokens)

        async def write(state: MarketingState, runtime: Runtime[AgentRun]) -> dict[str, str]:
            run, sender = runtime.context, _sender(state)
            about = {"sender": {"name": sender.name, "company": sender.company}, **told(state)}
            written = await ask(run, step, about, language=sender.language)
            if written is None or not _may_stand(written.text, state):
                run.engines[step.name] = RULES
                brief = Brief(
                    state.get("goal", ""), state.get("follow_up", 0), state.get("line", ""), state.get("posted", "")
                )
                return {part: template(state["lead"], sender, brief)}
            return {part: written.text.strip()}

        return write

    async def subjects(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        written = await ask(runtime.context, SUBJECTS, told(state), language=_sender(state).language)
        lines = written.subjects if written is not None else []
        kept = [line for line in lines if is_supported(line, state["facts"])]
        return {"subjects": kept or templates.subjects(state["lead"], _sender(state), state.get("goal", ""))}

    async def optimise(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        """The editor's version where it claims nothing new, else the drafts; each within its form."""
        texts: dict[str, Any] = {part: state[part] for part in wanted(state)}
        edited = await ask(runtime.context, _optimise(frozenset(texts)), texts, language=_sender(state).language)
        if edited is not None:
            made = msgspec.to_builtins(edited)
            texts |= {name: text for name, text in made.items() if _may_stand(text, state)}
        return {"output": _output(state, texts)}

    graph = StateGraph(MarketingState, context_schema=AgentRun)
    graph.add_node("angles", angles)
    graph.add_node("email", draft("email", 400, templates.email))
    graph.add_node("linkedin", draft("linkedin", 200, templates.linkedin))
    graph.add_node("call_script", draft("call_script", 500, templates.call))
    graph.add_node("subjects", subjects)
    graph.add_node("optimise", optimise)
    graph.add_edge(START, "angles")
    graph.add_conditional_edges("angles", wanted, [*get_args(Part)])
    for branch in get_args(Part):
        graph.add_edge(branch, "optimise")
    graph.add_edge("optimise", END)
    return graph


def _may_stand(text: str, state: MarketingState) -> bool:
    """It claims nothing new, and says something that no message before it said."""
    return is_supported(text, state["facts"]) and text.strip() not in state.get("earlier", ())


def _sender(state: MarketingState) -> Sender:
    return msgspec.convert(state.get("sender", {}), Sender)


def _output(state: MarketingState, texts: dict[str, Any]) -> dict[str, Any]:
    """Of what is wanted; an e-mail always has a subject."""
    output: dict[str, Any] = {
        part: templates.within(texts[part], **form) for part, form in templates.FORMS.items() if part in texts
    }
    subjects = texts.get("subjects") or templates.subjects(state["lead"], _sender(state), state.get("goal", ""))
    if "email" in texts:
        subject = templates.within(texts.get("subject", subjects[0]), chars=templates.SUBJECT_CHARS)
        output["email"] = {"subject": subject, "body": output["email"]}
    if "subjects" in texts:
        output["subjects"] = subjects[:5]
    sender = _sender(state)
    about = {"agent": sender.agent, "name": sender.name, "company": sender.company}
    return {**output, "angles": state["angles"], "sender": about}
