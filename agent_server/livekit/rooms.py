"""What is asked of the LiveKit server about a room: to end the call in it, put it through, or find it another agent."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import aiohttp
from livekit import api
from livekit.protocol.models import ParticipantInfo

from agent_server.livekit.dispatch import LiveKit

log = logging.getLogger(__name__)

DEADLINE_S = 5.0
RINGING_S = 45.0
"""For the colleague a caller is put through to."""


class LiveKitRooms:
    """The server's API for rooms; what it refuses is told, and False."""

    def __init__(self, livekit: LiveKit) -> None:
        self._livekit = livekit

    async def hang_up(self, room: str, identity: str, *, alone: bool) -> bool:
        """``alone``: nobody but the caller is in the room."""
        async with self._api() as server:
            if alone:
                return await _done("hang up", server.room.delete_room(api.DeleteRoomRequest(room=room)), DEADLINE_S)
            leaving = api.RoomParticipantIdentity(room=room, identity=identity)
            return await _done("hang up", server.room.remove_participant(leaving), DEADLINE_S)

    async def transfer(self, room: str, identity: str, number: str) -> bool:
        """To a telephone number; True once it was answered there."""
        request = api.TransferSIPParticipantRequest(
            room_name=room, participant_identity=identity, transfer_to=f"tel:{number}"
        )
        request.ringing_timeout.FromSeconds(int(RINGING_S))
        async with self._api() as server:
            deadline_s = RINGING_S + DEADLINE_S
            return await _done("transfer", server.sip.transfer_sip_participant(request, timeout=deadline_s), deadline_s)

    async def has_caller(self, room: str, room_sid: str) -> bool | None:
        """Whether somebody who is no agent is in it, and it is the room of that id still. None: the server does not
        say."""
        try:
            async with asyncio.timeout(DEADLINE_S), self._api() as server:
                found = await server.room.list_rooms(api.ListRoomsRequest(names=[room]))
                if all(one.sid != room_sid for one in found.rooms):
                    return False
                inside = await server.room.list_participants(api.ListParticipantsRequest(room=room))
        except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("LiveKit did not tell who is there: %s", getattr(error, "code", type(error).__name__))
            return None
        return any(one.kind != ParticipantInfo.AGENT for one in inside.participants)

    async def dispatch_again(self, room: str, metadata: str) -> bool:
        """Have another worker take the room up."""
        request = api.CreateAgentDispatchRequest(agent_name=self._livekit.agent_name, room=room, metadata=metadata)
        async with self._api() as server:
            return await _done("dispatch", server.agent_dispatch.create_dispatch(request), DEADLINE_S)

    @asynccontextmanager
    async def _api(self) -> AsyncIterator[api.LiveKitAPI]:
        livekit = self._livekit
        async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as server:
            yield server


async def _done(what: str, asking: Awaitable[object], deadline_s: float) -> bool:
    try:
        async with asyncio.timeout(deadline_s):
            answer = await asking
    except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("LiveKit did not %s: %s", what, getattr(error, "code", type(error).__name__))
        return False
    if isinstance(answer, api.TransferSIPParticipantResponse):
        return answer.status != api.SIPTransferStatus.STS_TRANSFER_FAILED
    return True
