"""The messages of a request as a conversation: what state it is in, and whose turn it is."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from pipelines import supervision
from pipelines.agent_profile import read_profile
from pipelines.briefing import read as read_briefing
from pipelines.llm.port import Message, ToolCall
from pipelines.playbook.calling import read_calling
from pipelines.playbook.restraints import read_restraints
from pipelines.playbook.slots import read_slots
from pipelines.playbook.state import State
from pipelines.playbook.tools import BOOK_MEETING, CANCEL_MEETING, HANDOFF_TO_PERSON, OPT_OUT, UPDATE_LEAD
from pipelines.playbook.understanding import Understanding
from pipelines.unheard import SILENCE


class ToolResult(Struct, frozen=True):
    """A call the agent made and what came back."""

    call: ToolCall
    output: str

    @property
    def failed(self) -> bool:
        return is_failure(self.output)


class Conversation(Struct, frozen=True):
    """``latest``: the caller's last text, None before the first. ``spoken_since``: the agent has answered it already.

    ``results``: outcomes of calls made since that text that the agent has not spoken about. ``called``: names of all
    tools called since that text. ``whispered``: what an operator told.
    """

    state: State
    instructions: str
    latest: Understanding | None
    spoken_since: bool
    results: tuple[ToolResult, ...]
    called: frozenset[str]
    whispered: tuple[str, ...] = ()


def is_failure(output: str) -> bool:
    """Whether a tool's output reports that it did not work."""
    try:
        value = json.loads(output)
    except ValueError:
        return output.strip().lower().startswith(("error", "failed", "could not", "couldn't"))
    if not isinstance(value, dict):
        return False
    if value.get("ok") is False or value.get("success") is False:
        return True
    return bool(value.get("error")) or str(value.get("status", "")).lower() in (
        "error",
        "failed",
        "failure",
        "conflict",
        "taken",
    )


def standing_meeting(result: ToolResult, now: datetime) -> datetime | None:
    """The meeting the caller has already, where the calendar refused a second one for it."""
    if not result.failed or '"already_booked"' not in result.output:
        return None
    return next(iter(read_slots(result.output, now)), None)


def has_undisclosed_meeting(result: ToolResult) -> bool:
    """Whether it refused for a meeting under the address, which is not told to whoever names the address."""
    return result.failed and '"address_has_meeting"' in result.output


def is_full(result: ToolResult) -> bool:
    """Whether it takes no more meetings from the caller, whatever the time."""
    return result.failed and '"too_many_meetings"' in result.output


def _arguments(call: ToolCall) -> dict[str, Any]:
    try:
        given = json.loads(call.arguments)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _start(call: ToolCall, now: datetime) -> datetime | None:
    """When the meeting that was asked for begins, by our clock."""
    try:
        return datetime.fromisoformat(str(_arguments(call).get("start"))).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        return None


def read_history(messages: Sequence[Message], now: datetime, free: Sequence[datetime]) -> Conversation:
    """Fold the messages into a state. Texts of the caller with no reply between them are one text."""
    reader = _Reader(State(now, free))
    for message in messages:
        reader.read(message)
    return reader.finish()


class _Reader:
    def __init__(self, state: State) -> None:
        self.state = state
        self.instructions: list[str] = []
        self.whispered: tuple[str, ...] = ()
        self.pending: list[str] | None = None
        self.latest: Understanding | None = None
        self.spoken_since = False
        self.calls: dict[str, ToolCall] = {}
        self.results: list[ToolResult] = []
        self.called: set[str] = set()

    def read(self, message: Message) -> None:
        if message.role == "system":
            content, whispered = supervision.parted(message.content)
            self.whispered += whispered
            briefing = read_briefing(content)
            if briefing is None:
                self.instructions.append(content)
                self.state.asked.left |= read_restraints(content).unasked
                self.state.calling = read_calling("\n".join(self.instructions))
                if (profile := read_profile(content)) is not None:
                    self.state.own.questions = profile[0].questions
                    self.state.own.are_all = not profile[0].qualifies
            else:
                self.state.brief(briefing.known, answered=briefing.answered, time_zone=briefing.time_zone)
        elif message.role == "user":
            if self.pending is None:
                self.pending = []
                self.spoken_since = False
                self.called.clear()
            self.results.clear()
            self.pending.append("" if message.content == SILENCE else message.content)
        elif message.role == "assistant":
            self._hear_caller()
            self._agent(message)
        else:
            self._tool(message)

    def _agent(self, message: Message) -> None:
        if message.content.strip():
            self.state.observe_agent(message.content.strip())
            self.spoken_since = True
            self.results.clear()
        for call in message.tool_calls:
            self.calls[call.call_id] = call
            self.called.add(call.name)

    def _tool(self, message: Message) -> None:
        self._hear_caller()
        call = self.calls.get(message.tool_call_id or "")
        if call is None:
            return
        result = ToolResult(call, message.content)
        self.results.append(result)
        if call.name == BOOK_MEETING.name:
            self.state.meeting.observe_request(
                _start(call, self.state.now), adds=_arguments(call).get("if_booked") == "add"
            )
            standing = standing_meeting(result, self.state.now)
            if standing is not None or has_undisclosed_meeting(result):
                self.state.meeting.observe_standing(standing)
            else:
                self.state.meeting.observe_booking(failed=result.failed)
        elif call.name == CANCEL_MEETING.name and result.failed:
            self.state.meeting.observe_not_cancelled()
        elif call.name == CANCEL_MEETING.name:
            self.state.meeting.observe_cancelled()
        elif call.name == OPT_OUT.name:
            self.state.opted_out = True
        elif call.name == HANDOFF_TO_PERSON.name:
            self.state.handed_off = self.state.fetched = not result.failed
        elif call.name == UPDATE_LEAD.name and not result.failed:
            self.state.recorded = self.state.facts
            self.state.own.observe_recording(_arguments(call))

    def _hear_caller(self) -> None:
        if self.pending is not None:
            self.latest = self.state.observe_caller(" ".join(" ".join(self.pending).split()))
            self.pending = None

    def finish(self) -> Conversation:
        self._hear_caller()
        return Conversation(
            state=self.state,
            instructions="\n".join(self.instructions),
            latest=self.latest,
            spoken_since=self.spoken_since,
            results=tuple(self.results),
            called=frozenset(self.called),
            whispered=self.whispered,
        )
