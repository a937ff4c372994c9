"""The conversation of a room: from the job to what becomes of the call once it is over."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import structs
from prometheus_client import Counter

from agent_server.hosting.caller_origin import number_kept
from agent_server.hosting.host import ConversationHost
from agent_server.hosting.opening import Opening
from agent_server.hosting.who_calls import lead_from
from agent_server.livekit.job import Caller, Job, conversation_of, wanted_agent, wanted_conversation
from agent_server.livekit.line import LiveKitLine, Room
from agent_server.livekit.taking_up import TakingUp
from agent_server.profiles.choice import Asked
from agent_server.services import Services
from storage.agents.profiles import AgentProfile
from storage.errors import StorageError

log = logging.getLogger(__name__)

CALLS = Counter(
    "sales_agent_livekit_calls",
    "Rooms by how the call in them ended: hang_up, transfer, handed_on (this process stops), broken, nobody.",
    ["outcome"],
)


class JoinedRoom(Room, Protocol):
    """A room, from joining it to leaving it."""

    async def join(self) -> None:
        """Raises what the library raises."""

    async def caller(self, dismissed: asyncio.Event) -> Caller | None: ...

    @property
    def is_alone_with_caller(self) -> bool: ...

    def talking(self, line: LiveKitLine, dismissed: asyncio.Event) -> AbstractAsyncContextManager[None]: ...

    async def close(self) -> None: ...


class Rooms(Protocol):
    """The server's side of rooms: see ``LiveKitRooms``."""

    async def hang_up(self, room: str, identity: str, *, alone: bool) -> bool: ...
    async def transfer(self, room: str, identity: str, number: str) -> bool: ...
    async def dispatch_again(self, room: str, metadata: str) -> bool: ...


class LiveKitCalls:
    """``talk`` is what the dispatch is given."""

    def __init__(
        self,
        services: Services,
        host: ConversationHost,
        rooms: Rooms,
        open_room: Callable[[Job], JoinedRoom],
        taking_up: TakingUp,
    ) -> None:
        self._services = services
        self._host = host
        self._rooms = rooms
        self._open_room = open_room
        self._taking_up = taking_up

    async def talk(self, job: Job, dismissed: asyncio.Event) -> bool:
        """Hold the conversation of a room. False: the line broke."""
        room = self._open_room(job)
        self._taking_up.begin(job)
        outcome = "broken"
        try:
            await room.join()
            caller = await room.caller(dismissed)
            if caller is None:
                outcome = "nobody"
            else:
                outcome = await self._converse(job, room, caller, dismissed)
        finally:
            CALLS.labels(outcome).inc()
            await room.close()
            handed_on = outcome == "handed_on" and await self._rooms.dispatch_again(job.room, job.metadata)
            await self._taking_up.end(job, broken=outcome == "broken" or (outcome == "handed_on" and not handed_on))
        return outcome != "broken"

    async def _converse(self, job: Job, room: JoinedRoom, caller: Caller, dismissed: asyncio.Event) -> str:
        opening = await self._opening(job, caller)
        number = self._services.profiles.transfer_number(opening.agent)
        line = await self._held(room, opening, caller, dismissed, can_transfer=number is not None and caller.is_phone)
        if line.next == "transfer" and number is not None:
            if await self._rooms.transfer(job.room, caller.identity, number):
                return "transfer"
            log.warning("a caller could not be put through; the agent goes on")
            again = await self._continued(opening)
            again = structs.replace(again, unreached=True)
            line = await self._held(room, again, caller, dismissed, can_transfer=False)
        if line.next is None:
            return "handed_on" if line.is_drained else "broken"
        if line.hung_up:
            await self._rooms.hang_up(job.room, caller.identity, alone=room.is_alone_with_caller)
        return "hang_up"

    async def _held(
        self, room: JoinedRoom, opening: Opening, caller: Caller, dismissed: asyncio.Event, *, can_transfer: bool
    ) -> LiveKitLine:
        """The line, once it is over."""
        services = self._services
        wish = services.wishes.of(opening.conversation_id, opening.lead_id)
        line = LiveKitLine(
            room,
            opening,
            await services.settings_of(opening.agent),
            is_phone=caller.is_phone,
            can_transfer=can_transfer,
            wants_no_calls=wish.wants_no_calls,
        )
        try:
            async with room.talking(line, dismissed):
                await self._host.converse(line, opening)
        finally:
            await wish.kept()
        return line

    async def _opening(self, job: Job, caller: Caller) -> Opening:
        """A room whose worker died goes on where it was; so does the conversation that the metadata names."""
        services = self._services
        conversation_id = conversation_of(job, services.settings.telephony.livekit_api_secret or "")
        profile = self._profile(job, caller)
        opening = Opening(
            conversation_id,
            "phone" if caller.is_phone else "webrtc",
            services.profiles.session(profile),
            agent=profile.slug,
            lead_id=await lead_from(services, caller.number, conversation_id),
            metadata={
                "carrier": "livekit",
                "call_id": caller.call_id,
                "calls_from": number_kept(caller.number),
                "room": job.room_sid,
            },
        )
        wanted = wanted_conversation(job)
        if wanted is not None:
            named = structs.replace(opening, conversation_id=wanted)
            continued = await self._continued(named)
            if continued is not named:
                return continued
            log.warning("a conversation that a room's metadata names is not known")
        return await self._continued(opening)

    async def _continued(self, opening: Opening) -> Opening:
        """As it stands, or the same where there is none yet. While the database cannot say, one that begins with an id
        of its own: a caller is waiting."""
        try:
            return await self._host.continued(opening) or opening
        except StorageError as error:
            log.warning("whether a room's call is known cannot be told (%s): it begins anew", error.code)
            return structs.replace(opening, conversation_id=f"conv_{secrets.token_hex(12)}")

    def _profile(self, job: Job, caller: Caller) -> AgentProfile:
        """A call is taken whoever is asked for."""
        profiles, wanted = self._services.profiles, wanted_agent(job)
        if wanted is not None and wanted not in profiles.known:
            log.warning("an agent that a room's metadata names is not known")
            wanted = None
        return profiles.chosen(Asked(agent=wanted, dialled=caller.dialled))
