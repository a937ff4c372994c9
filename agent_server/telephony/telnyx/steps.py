"""What to do with a call when Telnyx tells something of it. Pure.

A webhook may come twice and late, and to any process: a step depends on what the webhook itself says and on what became
of the call, and each is done once however often it is asked for (``key``).
"""

from typing import Final

from msgspec import Struct, structs

from agent_server.telephony import apologies
from agent_server.telephony.hanging_up import Next
from agent_server.telephony.media_stream import MOST_STREAMS
from agent_server.telephony.telnyx.events import Event
from agent_server.telephony.telnyx.states import State

ENDED_WELL = frozenset({"normal_clearing", "normal_unspecified"})
"""Causes with which a call ends that was talked; others: nobody answered it."""


VOICE: Final = {"payload_type": "text", "voice": "female"}
"""Of Telnyx's own, for what is said without an agent."""


class Stream(Struct, frozen=True):
    """Stream the call, for the how manyth time. ``outbound``: one that we made, which needs no answer of ours.
    ``unreached``: a colleague was to take it and did not come."""

    conversation_id: str
    number: int
    outbound: bool = False
    unreached: bool = False


class PickUp(Struct, frozen=True):
    """Answer, without an agent."""


class PutThrough(Struct, frozen=True):
    """``conversation_id`` and ``streams``: of the call so far; empty: no agent talked."""

    number: str
    conversation_id: str = ""
    streams: int = 0


class Tell(Struct, frozen=True):
    """Say it in the step's language, then hang up."""

    text: str


class HangUp(Struct, frozen=True):
    pass


Deed = Stream | PickUp | PutThrough | Tell | HangUp


class Step(Struct, frozen=True):
    """``call_id``: of the caller's part, whichever told · ``call``: of a call that we made, our id · ``language``: the
    agent's."""

    call_id: str
    deed: Deed
    call: str = ""
    language: str = "en"


def is_new_call(event: Event) -> bool:
    """Somebody calls; a colleague who is called begins one as well."""
    return event.event_type == "call.initiated" and event.payload.direction in ("incoming", "inbound")


def for_caller(
    call_id: str, then: Next, transfer_number: str | None, *, conversation_id: str, streams: int, call: str = ""
) -> Step:
    """The agent is done with the call."""
    if then == "hang_up":
        return Step(call_id, HangUp(), call)
    if transfer_number is None:
        return Step(call_id, Tell(apologies.NOBODY_FREE), call)
    return Step(call_id, PutThrough(transfer_number, conversation_id, streams), call)


def step_after(
    event: Event, state: State, *, then: Next | None, has_room: bool, transfer_number: str | None
) -> Step | None:
    """``then``: what is to become of the call; None: nobody said. None: nothing is to be done."""
    call_id, call = event.payload.call_control_id, state.call
    match event.event_type, state.step:
        case "call.answered", "waiting":
            return elsewhere(call_id, transfer_number, apologies.BUSY, call)
        case (("streaming.stopped" | "streaming.failed"), "talking"):
            if then is not None:
                return for_caller(
                    call_id,
                    then,
                    transfer_number,
                    conversation_id=state.conversation_id,
                    streams=state.streams,
                    call=call,
                )
            if state.streams >= MOST_STREAMS or not has_room:
                return elsewhere(call_id, transfer_number, apologies.BROKEN, call)
            return Step(call_id, Stream(state.conversation_id, state.streams + 1), call)
        case "call.speak.ended", "told":
            return Step(call_id, HangUp(), call)
        case "call.hangup", "colleague" if state.caller:
            if event.payload.hangup_cause in ENDED_WELL:
                return Step(state.caller, HangUp(), call)
            return Step(state.caller, _back(state.conversation_id, state.streams, has_room=has_room), call)
    return None


def _back(conversation_id: str, streams: int, *, has_room: bool = True) -> Stream | Tell:
    """To the agent, where nobody took the call."""
    if not conversation_id or streams >= MOST_STREAMS or not has_room:
        return Tell(apologies.NOBODY_FREE)
    return Stream(conversation_id, streams + 1, unreached=True)


def instead(step: Step) -> Step | None:
    """When the carrier refuses a step: what is left to do for the caller."""
    match step.deed:
        case PutThrough(conversation_id=conversation_id, streams=streams):
            return structs.replace(step, deed=_back(conversation_id, streams))
        case Stream(number=number, outbound=outbound) if number > 1 or outbound:
            return structs.replace(step, deed=Tell(apologies.BROKEN))
        case Tell():
            return structs.replace(step, deed=HangUp())
    return None


def key(deed: Deed) -> str:
    """One for each thing that is done once in a call."""
    match deed:
        case Stream(number=1, outbound=False) | PickUp():
            return "answer"
        case Stream(number=number):
            return f"stream {number}"
        case PutThrough(streams=streams):
            return f"put through {streams}"
        case Tell(text):
            return f"tell {text}"
        case HangUp():
            return "hang up"


def elsewhere(call_id: str, transfer_number: str | None, otherwise: str, call: str = "") -> Step:
    """To a colleague where there is one; else the caller is at least told."""
    return Step(call_id, PutThrough(transfer_number) if transfer_number is not None else Tell(otherwise), call)
