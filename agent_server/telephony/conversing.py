"""A telephone call's conversation from its stream's start to its end, whichever carrier brought it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from prometheus_client import Counter

from agent_server.hosting.caller_origin import number_kept
from agent_server.hosting.host import FLUSH_TIMEOUT_S, ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.hosting.who_calls import lead_from
from agent_server.realtime.outbox import Outbox
from agent_server.services import Services
from agent_server.telephony.afterwards import Afterwards
from agent_server.telephony.hanging_up import Next
from agent_server.telephony.line import PhoneLine
from agent_server.telephony.media_stream import MediaStream
from agent_server.web.errors import Problem

log = logging.getLogger(__name__)

CALLS = Counter(
    "sales_agent_phone_calls",
    "Telephone calls, or parts of those that broke, by how they ended: hang_up, transfer, broken, no_room.",
    ["carrier", "outcome"],
)


class SentStream(MediaStream, Protocol):
    """A media stream whose orders wait in an outbox."""

    outbox: Outbox


class PhoneCalls:
    """Of one carrier. ``afterwards``: what is to become of its calls."""

    def __init__(self, services: Services, host: ConversationHost, carrier: str) -> None:
        self._services = services
        self._host = host
        self._carrier = carrier
        self.afterwards = Afterwards(services.agent_service.redis)

    @asynccontextmanager
    async def made_ready(self) -> AsyncIterator[None]:
        """What the first call asks is made ready beforehand, or it would wait for that."""
        warming = asyncio.create_task(self._services.agent_service.redis(), name="redis of calls")
        try:
            yield
        finally:
            warming.cancel()
            await asyncio.wait([warming])

    async def may_come_in(self) -> bool:
        """For a call that rings: on for a moment, where the process is busy."""
        try:
            await self._services.admission.wait_for_room()
        except Problem as problem:
            log.warning("a call is not taken: %s", problem.code)
            return False
        return True

    def may_go_on(self) -> bool:
        """For a call whose stream broke, or one that we made and for which a line is kept."""
        try:
            self._services.admission.check(promised=True)
        except Problem as problem:
            log.warning("a call does not go on: %s", problem.code)
            return False
        return True

    def refused(self) -> None:
        """One found no room."""
        CALLS.labels(self._carrier, "no_room").inc()

    async def opening(self, conversation_id: str, *, call_id: str, calls_from: str, calls_to: str) -> Opening:
        """Of a call that came in."""
        services = self._services
        profile = services.profiles.of_number(calls_to)
        return Opening(
            conversation_id,
            "phone",
            services.profiles.session(profile),
            agent=profile.slug,
            lead_id=await lead_from(services, calls_from, conversation_id),
            metadata={
                "carrier": self._carrier,
                "call_id": call_id,
                "calls_from": number_kept(calls_from),
                "calls_to": calls_to,
            },
        )

    async def continued(self, opening: Opening) -> Opening:
        """As it stands after earlier streams of the call."""
        return await self._host.continued(opening) or opening

    async def converse(self, stream: SentStream, opening: Opening, call_id: str) -> Next | None:
        """What is to become of the call, which is kept; None: its stream broke."""
        services = self._services
        if opening.unreached:
            await self.afterwards.forget(call_id)
        base = await services.settings_of(opening.agent)
        wish = services.wishes.of(opening.conversation_id, opening.lead_id)
        line = PhoneLine(
            stream,
            opening,
            base,
            can_transfer=services.profiles.transfer_number(opening.agent) is not None,
            wants_no_calls=wish.wants_no_calls,
        )
        sender = asyncio.create_task(stream.outbox.run(), name=f"{opening.conversation_id} sender")
        try:
            await self._host.converse(line, opening)
        finally:
            await wish.kept()
            CALLS.labels(self._carrier, line.next or "broken").inc()
            if line.next is not None:
                await self.afterwards.keep(call_id, line.next)
            stream.outbox.close()
            await asyncio.wait([sender], timeout=FLUSH_TIMEOUT_S)
            sender.cancel()
        return line.next
