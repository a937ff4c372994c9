"""A conversation, or an agent's thread, handed to another agent with all that is known."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from agent_server.agents.lead_facts import facts_of
from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from pipelines.agents.definition import merged
from pipelines.agents.handover import Handover, handed_over, lead_of_state
from pipelines.agents.lead import LeadFacts
from pipelines.agents.replies import AgentReply
from pipelines.agents.requests import Asked

transfer = Resource("transfer", "Work handed from one agent to another.")

DURABLE_TIMEOUT_S: Final = 1.0
_CONVERSATION: Final = "conversation"
_LEAST_QUESTION_CHARS: Final = 3

ToAgent = Literal["qualification", "enrichment", "growth", "marketing", "bdr", "research"]
Id = Annotated[str, Meta(min_length=1, max_length=100)]


class TransferRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `conversation_id` or `thread_id`. `note`: what the other agent is to know; to `research` it is the
    question, to `marketing` the goal."""

    to_agent: ToAgent
    conversation_id: Id | None = None
    thread_id: Id | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None


class Transferred(Struct, frozen=True, kw_only=True):
    """`context`: the lead as the other agent was given it, with what was said and found in its notes. `reply`: what it
    answered, and its own thread."""

    from_agent: str
    lead_id: UUID | None
    context: dict[str, Any]
    reply: AgentReply


class _Source(Struct):
    agent: str
    lead_id: UUID | None
    lead: LeadFacts
    handover: Handover
    conversation_id: str | None
    profile: str | None = None
    """Who talked with the person, and writes to them."""


@transfer.post("/api/transfer", scope="write", summary="Hand over to another agent", errors=(404, 409, 503))
async def transfer_work(call: Call, body: TransferRequest) -> Transferred:
    """The other agent begins a thread of its own; the one handed over stays as it is. What a caller said reaches the
    other agent as material to judge, never as an instruction."""
    if (body.conversation_id is None) == (body.thread_id is None):
        raise Problem(400, "invalid_value", "Name either 'conversation_id' or 'thread_id'.", param="conversation_id")
    note = (body.note or "").strip()
    if body.conversation_id is not None:
        source = await _of_conversation(call, body.conversation_id, note)
    else:
        source = await _of_thread(call, str(body.thread_id), note)
    lead = handed_over(await _with_kept(call, source), source.handover)
    given: dict[str, Any] = {"lead": lead.known()}
    if source.lead_id is not None:
        given["lead_id"] = str(source.lead_id)
    if body.to_agent == "research" and len(note) >= _LEAST_QUESTION_CHARS:
        given["question"] = note
    if body.to_agent == "marketing" and note:
        given["goal"] = note
    if body.to_agent == "marketing" and source.profile is not None:
        given["agent"] = source.profile
    asked = Asked(agent=body.to_agent, input=given, conversation_id=source.conversation_id)
    reply = await call.services.agents.run(asked)
    return Transferred(from_agent=source.agent, lead_id=source.lead_id, context=lead.known(), reply=reply)


async def _of_conversation(call: Call, conversation_id: str, note: str) -> _Source:
    await call.services.conversation_log.flush(conversation_id, DURABLE_TIMEOUT_S)
    history = await call.services.conversations.load(conversation_id)
    if history is None:
        raise Problem(404, "conversation_not_found", "There is no such conversation.", param="conversation_id")
    said = [item.heard_text for item in history.items if item.type == "message" and item.role == "user"]
    return _Source(
        _CONVERSATION,
        history.conversation.lead_id,
        LeadFacts(),
        Handover(note=note, said=said),
        conversation_id,
        history.conversation.agent,
    )


async def _of_thread(call: Call, thread_id: str, note: str) -> _Source:
    state = await call.services.agents.state(thread_id)
    if state.agent == _CONVERSATION:
        return await _of_conversation(call, thread_id, note)
    output = state.values.get("output")
    handover = Handover(note=note, agent=state.agent, output=output if isinstance(output, dict) else {})
    return _Source(state.agent, state.lead_id, lead_of_state(state.values), handover, None)


async def _with_kept(call: Call, source: _Source) -> LeadFacts:
    """What the thread knows goes before what is kept."""
    if source.lead_id is None:
        return source.lead
    kept = await call.services.leads.get(source.lead_id)
    if kept is None:
        source.lead_id = None
        return source.lead
    return merged(source.lead, facts_of(kept))
