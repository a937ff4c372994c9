"""Calls that we made, as their carrier tells of them: somebody answered, who, and how it ended. Whichever carrier."""

import logging

from msgspec import structs

from agent_server.hosting.opening import Opening
from agent_server.hosting.who_calls import lead_from
from agent_server.services import Services
from agent_server.telephony.apologies import voice_tag
from agent_server.telephony.outbound import opening as words
from agent_server.telephony.outbound.carrier import CarrierError
from agent_server.telephony.outbound.dialler import OUTBOUND_CALLS
from agent_server.telephony.outbound.progress import News, after_news, is_machine
from agent_server.web.errors import Problem
from storage.calls.outbound import OutboundCall

log = logging.getLogger(__name__)


class CalledPeople:
    """Of one carrier, by name. ``call_id`` is ours."""

    def __init__(self, services: Services, carrier: str) -> None:
        self._services = services
        self._carrier = carrier

    async def tell(self, call_id: str, news: News) -> OutboundCall:
        """The call as it is then. Raises Problem for one that is none of ours."""
        now = self._services.utc_now()
        was_open = False

        def change(call: OutboundCall) -> OutboundCall:
            nonlocal was_open
            was_open = call.is_open
            return after_news(call, news, now)

        call = await self._services.calls.records.change(call_id, change)
        if call is None:
            raise Problem(404, "call_not_found", "There is no such call.")
        if not call.is_open:
            self._services.admission.let_go(call.id)
            if was_open:
                OUTBOUND_CALLS.labels(call.status).inc()
        return call

    async def answered(self, call_id: str, carrier_call_id: str) -> OutboundCall | None:
        """The call, to be talked. None: nobody wants it any more, or they said meanwhile that they want none. Raises
        Problem."""
        call = await self.tell(call_id, News(carrier_call_id=carrier_call_id, status="in_progress"))
        if not call.is_open or call.cancel_requested or call.carrier_call_id != carrier_call_id:
            return None
        refusal = await self._services.calls.dialler.refusal(call.number, call.lead_id, ())
        return call if refusal is None or refusal.code != "do_not_call" else None

    async def answered_by(self, call_id: str, carrier_call_id: str, who: str, *, listens: bool = True) -> None:
        """A person, a voicemail or a fax; it comes while the agent talks already. ``listens``: the voicemail has done
        with its greeting. Raises Problem."""
        call = await self.tell(call_id, News(carrier_call_id=carrier_call_id, answered_by=who))
        if call.left_message:
            return  # it is told again, and the message would begin anew
        leaves_message = (
            is_machine(who)
            and self._services.settings.telephony.voicemail == "message"
            and not await self._services.calls.records.was_told_on_voicemail(call)
        )
        if call.is_open and (is_machine(who) or who == "fax") and (listens or not leaves_message):
            await self._end_with(call, carrier_call_id, leaves_message=leaves_message)

    async def opening(self, conversation_id: str, *, call_id: str, calls_from: str, calls_to: str) -> Opening:
        """The conversation with somebody we called: the agent says who calls and why. ``call_id``: the carrier's."""
        services = self._services
        call = await services.calls.records.of_conversation(conversation_id)
        if call is not None:
            services.admission.let_go(call.id)  # it has its place by now
        lead_id = call.lead_id if call is not None else None
        if lead_id is None:
            lead_id = await lead_from(services, calls_to, conversation_id)
        lead = await services.leads.get(lead_id) if lead_id is not None else None
        purpose = call.purpose if call is not None else None
        profile = services.profiles.get(call.agent if call is not None else None)
        greeting = words.greeting(
            profile.facts.name,
            profile.facts.company,
            name=lead.contact_name if lead is not None else None,
            purpose=purpose,
            language=profile.facts.language,
        )
        defaults = services.profiles.session_without_greeting(profile)  # what the law wants to be said comes first
        told = f"{defaults.instructions} {words.instructions(greeting, purpose=purpose)}"
        return Opening(
            conversation_id,
            "phone",
            structs.replace(defaults, instructions=told),
            agent=profile.slug,
            lead_id=lead_id,
            metadata={
                "carrier": self._carrier,
                "call_id": call_id,
                "calls_from": calls_from,
                "calls_to": calls_to,
                "direction": "outbound",
                "phone": calls_to,
            },
        )

    async def _end_with(self, call: OutboundCall, carrier_call_id: str, *, leaves_message: bool) -> None:
        """The agent's own stream ends with it."""
        carrier, facts = self._services.calls.dialler.carrier_of(call), self._services.profiles.get(call.agent).facts
        if carrier is None:
            return
        text = words.message(
            facts.name, facts.company, carrier.calls_from, purpose=call.purpose, language=facts.language
        )
        try:
            if leaves_message:
                await self._keep_message(call.id, left=True)  # before the call can be over, and told of as it is then
                voice = voice_tag(facts.language)
                await carrier.leave_message(carrier_call_id, text, call_id=call.id, voice=voice)
            else:
                await carrier.hang_up(carrier_call_id)
        except CarrierError as error:
            log.warning("a call that a machine answered goes on: %s", error.code)
            if leaves_message:
                await self._keep_message(call.id, left=False)

    async def _keep_message(self, call_id: str, *, left: bool) -> None:
        await self._services.calls.records.change(call_id, lambda call: structs.replace(call, left_message=left))
