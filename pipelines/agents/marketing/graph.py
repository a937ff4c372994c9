"""angles → (e-mail ∥ LinkedIn ∥ call script ∥ subjects) → optimise."""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import msgspec
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from msgspec import Meta, Struct

from pipelines.agents.marketing import templates
from pipelines.agents.marketing.facts import facts_of_lead, is_supported, product_facts, product_line
from pipelines.agents.marketing.posted import posted
from pipelines.agents.marketing.templates import Brief, Sender
from pipelines.agents.model_step import ModelStep, ask
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import RULES, AgentRun

Draft = Annotated[str, Meta(min_length=1, max_length=4000)]


class Angle(Struct, frozen=True, forbid_unknown_fields=True):
    angle: Annotated[str, Meta(max_length=400)]
    fact: Annotated[str, Meta(max_length=400)]


class Angles(Struct, frozen=True, forbid_unknown_fields=True):
    angles: Annotated[list[Angle], Meta(min_length=1, max_length=5)]


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    text: Draft


class Subjects(Struct, frozen=True, forbid_unknown_fields=True):
    subjects: Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=8)]


class Final(Struct, frozen=True, forbid_unknown_fields=True):
    subject: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Draft
    linkedin: Draft
    call_script: Draft


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
OPTIMISE = _step("optimise", Final, 0.95, 900)

Template = Callable[[dict[str, Any], Sender, Brief], str]


class MarketingState(TypedDict, total=False):
    """Each branch writes a member of its own. ``agent``: the profile that is wanted, ``sender``: who writes ·
    ``facts``: all that may be claimed."""

    lead: dict[str, Any]
    goal: str
    follow_up: int
    agent: str | None
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


def goal_of(state: MarketingState) -> dict[str, Any]:
    return {"goal": state.get("goal", ""), "follow_up": state.get("follow_up", 0)}


def _said(posted: str) -> dict[str, str]:
    return {"posted": posted} if posted else {}


def marketing_graph(parts: AgentParts) -> "StateGraph[MarketingState, AgentRun, Any, Any]":
    async def angles(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        lead = state["lead"]
        goal = state.get("goal", "")
        sender = parts.sender(state.get("agent"))
        product = product_facts(parts.knowledge, lead, goal, about=sender.about)
        facts = [*facts_of_lead(lead), *product]
        said = await posted(parts, lead, runtime.context.whose.lead_id)
        facts += [sender.name, sender.company, goal, said]
        found = await ask(runtime.context, ANGLES, {"lead": lead, "product": product, "goal": goal, **_said(said)})
        chosen = templates.angles(lead)
        if found is not None:
            told = msgspec.to_builtins(found.angles)
            chosen = [entry for entry in told if is_supported(entry["angle"], facts)][:3] or chosen
        return {
            "sender": msgspec.to_builtins(sender),
            "facts": [fact for fact in facts if fact],
            "angles": chosen,
            "line": product_line(parts.knowledge, lead, goal, about=sender.about),
            "posted": said,
        }

    def draft(step: ModelStep[Text], member: str, template: Template) -> Any:
        async def write(state: MarketingState, runtime: Runtime[AgentRun]) -> dict[str, str]:
            run, sender = runtime.context, _sender(state)
            about = {"lead": state["lead"], "facts": state["facts"], "angles": state["angles"], **goal_of(state)}
            about |= _said(state.get("posted", ""))
            written = await ask(run, step, {**about, "sender": {"name": sender.name, "company": sender.company}})
            if written is None or not is_supported(written.text, state["facts"]):
                run.engines[step.name] = RULES
                brief = Brief(
                    state.get("goal", ""), state.get("follow_up", 0), state.get("line", ""), state.get("posted", "")
                )
                return {member: template(state["lead"], sender, brief)}
            return {member: written.text.strip()}

        return write

    async def subjects(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        written = await ask(runtime.context, SUBJECTS, {"lead": state["lead"], "angles": state["angles"]})
        told = [line for line in written.subjects if is_supported(line, state["facts"])] if written is not None else []
        return {"subjects": told or templates.subjects(state["lead"], state.get("goal", ""))}

    async def optimise(state: MarketingState, runtime: Runtime[AgentRun]) -> MarketingState:
        """The editor's version where it claims nothing new, else the drafts; each within its form."""
        texts = {name: state[name] for name in ("email", "linkedin", "call_script")}
        subject = state["subjects"][0]
        edited = await ask(runtime.context, OPTIMISE, {**texts, "subjects": state["subjects"]})
        if edited is not None:
            for name in texts:
                if is_supported(getattr(edited, name), state["facts"]):
                    texts[name] = getattr(edited, name)
            subject = edited.subject if is_supported(edited.subject, state["facts"]) else subject
        return {"output": _output(state, texts, subject)}

    graph = StateGraph(MarketingState, context_schema=AgentRun)
    graph.add_node("angles", angles)
    graph.add_node("email", draft(_step("email", Text, 0.6, 400), "email", templates.email))
    graph.add_node("linkedin", draft(_step("linkedin", Text, 0.6, 200), "linkedin", templates.linkedin))
    graph.add_node("call", draft(_step("call", Text, 0.6, 500), "call_script", templates.call))
    graph.add_node("subjects", subjects)
    graph.add_node("optimise", optimise)
    graph.add_edge(START, "angles")
    branches = ["email", "linkedin", "call", "subjects"]
    for branch in branches:
        graph.add_edge("angles", branch)
    graph.add_edge(branches, "optimise")
    graph.add_edge("optimise", END)
    return graph


def _sender(state: MarketingState) -> Sender:
    return msgspec.convert(state.get("sender", {}), Sender)


def _output(state: MarketingState, texts: dict[str, str], subject: str) -> dict[str, Any]:
    sender = _sender(state)
    return {
        "email": {
            "subject": templates.within(subject, chars=templates.SUBJECT_CHARS),
            "body": templates.within(texts["email"], words=templates.EMAIL_WORDS),
        },
        "linkedin": templates.within(texts["linkedin"], chars=templates.LINKEDIN_CHARS),
        "call_script": templates.within(texts["call_script"], words=templates.CALL_WORDS),
        "subjects": state["subjects"][:5],
        "angles": state["angles"],
        "sender": {"agent": sender.agent, "name": sender.name, "company": sender.company},
    }
