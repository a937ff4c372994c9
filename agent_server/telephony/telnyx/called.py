"""What Telnyx tells of calls we made: somebody answered, who, and how it ended."""

import logging
from typing import Final

from msgspec import structs

from agent_server.services import Services
from agent_server.telephony import apologies
from agent_server.telephony.conversing import PhoneCalls
from agent_server.telephony.outbound.answering import CalledPeople
from agent_server.telephony.outbound.progress import News
from agent_server.telephony.telnyx.events import Event
from agent_server.telephony.telnyx.states import State
from agent_server.telephony.telnyx.steps import HangUp, Step, Stream, elsewhere
from agent_server.web.errors import Problem
from storage.calls.outbound import CallStatus

log = logging.getLogger(__name__)

_ENDS: Final[dict[str, CallStatus]] = {
    "user_busy": "busy",
    "call_rejected": "busy",
    "timeout": "no_answer",
    "no_answer": "no_answer",
    "originator_cancel": "canceled",
    "normal_clearing": "completed",
    "normal_unspecified": "completed",
    "time_limit": "completed",
}
"""By cause; others are failures. Twilio calls a call that is declined busy, too."""

_DETECTED: Final = frozenset({"call.machine.detection.ended", "call.machine.premium.detection.ended"})
_GREETED: Final = frozenset({"call.machine.greeting.ended", "call.machine.premium.greeting.ended"})


def news_of(event: Event) -> News | None:
    """None: it is no news of how the call stands."""
    call_id = event.payload.call_control_id
    match event.event_type:
        case "call.initiated":
            return News(carrier_call_id=call_id, status="dialling")
        case "call.hangup":
            end = _ENDS.get(event.payload.hangup_cause or "", "failed")
            return News(carrier_call_id=call_id, status=end, is_sure=False)
    return None


def who_answered(event: Event) -> str | None:
    """In the words of calls that are kept. None: the event does not tell."""
    result = event.payload.result or ""
    if event.event_type in _GREETED:
        return "machine_end_beep" if result == "beep_detected" else "machine_end_other"
    if event.event_type not in _DETECTED:
        return None
    if result.startswith("human"):
        return "human"
    return {"machine": "machine_start", "fax_detected": "fax"}.get(result, "unknown")


class TelnyxCalled:
    """A part of ``TelnyxDoor``."""

    def __init__(self, services: Services, calls: PhoneCalls) -> None:
        self.people = CalledPeople(services, "telnyx")
        self._services = services
        self._calls = calls

    async def told(self, event: Event, state: State) -> Step | None:
        """What is to be done for it. Raises Problem for a call that is none of ours."""
        call_id = event.payload.call_control_id
        if (news := news_of(event)) is not None:
            await self.people.tell(state.call, news)
        elif (who := who_answered(event)) is not None:
            await self.people.answered_by(state.call, call_id, who, listens=event.event_type in _GREETED)
        elif event.event_type == "call.answered" and state.step == "dialled":
            return await self._first_step(call_id, state)
        return None

    async def _first_step(self, call_id: str, state: State) -> Step:
        """The same, however often the answer is told of: a line is kept for it."""
        try:
            call = await self.people.answered(state.call, call_id)
        except Problem as problem:
            if problem.status != 404:
                raise
            log.warning("somebody answered a call that is not known; it is ended")
            call = None
        if call is None:
            return Step(call_id, HangUp(), state.call)
        if not self._calls.may_go_on():
            self._calls.refused()
            number = self._services.profiles.transfer_number(call.agent)
            step = elsewhere(call_id, number, apologies.NOT_NOW, state.call)
            return structs.replace(step, language=self._services.profiles.get(call.agent).facts.language)
        return Step(call_id, Stream(call.conversation_id, 1, outbound=True), state.call)
