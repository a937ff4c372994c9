"""One peer connection: offer in, answer out, then voices and events until it is over.

Imports aiortc, which takes half a second and 35 MB: to be imported when the first call comes (``pipelines.loading``).
"""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from aioice import Candidate, ice
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import (
    RTCBundlePolicy,
    RTCCertificate,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from agent_server.realtime.errors import ProtocolError
from agent_server.web.errors import Problem
from agent_server.webrtc.agent_voice import AgentVoice
from agent_server.webrtc.caller_voice import CallerVoice
from agent_server.webrtc.events_channel import LABEL, EventsChannel
from agent_server.webrtc.offer import Offer
from agent_server.webrtc.ways import Ways, port_order, told_of

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 8.0
"""STUN and TURN servers are asked on the way."""

STUN_TIMEOUT_S = 2.0
CLOSE_TIMEOUT_S = 3.0
RETRY_AFTER_S = 5.0
WATCH_EVERY_S = 2.0
SILENT_S = 12.0
"""A client that is there sends something, be it a report on what it hears. ICE itself takes 30 s to notice."""

for _noisy in ("aiortc", "aioice"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)
RTCCertificate.generateCertificate()  # the first one takes 30 ms, each one after it 0.3


class Peer:
    """``hear`` is given the caller's audio, ``next_frame`` gives the agent's. ``close`` it, whatever happens."""

    def __init__(
        self,
        ways: Ways,
        events: EventsChannel,
        *,
        hear: Callable[[bytes], None],
        next_frame: Callable[[], bytes | None],
    ) -> None:
        self._ways = ways
        self._events = events
        self._caller_voice = CallerVoice(hear)
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=_ice_servers(ways), bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        voice = AgentVoice(next_frame)
        self._sender = self._connection.addTrack(voice)
        self._connection.on("connectionstatechange", self._on_state)
        self._connection.on("datachannel", self._on_channel)
        self._watching: asyncio.Task[None] | None = None
        self.settled = asyncio.Event()
        """Whether it connects is known."""
        self.is_over = asyncio.Event()
        self.delay_ms: float | None = None
        voice.on("ended", self.is_over.set)  # by an error too: a call without a voice is none

    async def answer(self, offer: Offer) -> str:
        """The SDP of the answer. Raises ProtocolError ``invalid_sdp``, Problem ``no_port_free`` or TimeoutError."""
        (transceiver,) = self._connection.getTransceivers()
        opus = [one for one in RTCRtpSender.getCapabilities("audio").codecs if one.mimeType == "audio/opus"]
        transceiver.setCodecPreferences(opus)
        self._caller_voice.receive_from(transceiver.receiver)
        self._bind()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            try:
                await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
                answer = await self._connection.createAnswer()
            except Exception as error:  # its parser fails in many ways on what it does not expect
                raise ProtocolError("invalid_sdp", "The offer cannot be read.", param="sdp") from error
            await self._connection.setLocalDescription(answer)
        if not self._sender.transport.transport.iceGatherer.getLocalCandidates():
            message = "All ports for calls are taken. Try again shortly."
            raise Problem(503, "no_port_free", message, retry_after_s=RETRY_AFTER_S)
        return told_of(self._connection.localDescription.sdp, self._ways.public_addresses)

    @property
    def is_connected(self) -> bool:
        """Voices go both ways."""
        return self.settled.is_set() and not self.is_over.is_set()

    async def close(self) -> None:
        """Within a deadline; the client is told by DTLS where it still listens."""
        if self._watching is not None:
            self._watching.cancel()
        closing = asyncio.create_task(self._connection.close(), name="close peer")
        await asyncio.wait([closing], timeout=CLOSE_TIMEOUT_S)
        if not closing.done():
            closing.cancel()
            log.warning("a peer connection did not close in time")

    def _on_state(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="watch peer")
            self.settled.set()
        elif state in ("failed", "closed"):
            self.is_over.set()
            self.settled.set()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != LABEL or self._events.is_open:
            channel.close()
            return
        channel.on("message", self._events.came)
        self._events.open(channel)

    async def _watch(self) -> None:
        """Whether anything still comes, and how long the way is."""
        loop = asyncio.get_running_loop()
        received, since_s = -1, loop.time()
        while True:
            for entry in (await self._sender.getStats()).values():
                if entry.type == "transport" and entry.packetsReceived != received:
                    received, since_s = entry.packetsReceived, loop.time()
                elif entry.type == "remote-inbound-rtp" and entry.roundTripTime is not None:
                    self.delay_ms = max(0.0, entry.roundTripTime * 500)
            if loop.time() - since_s > SILENT_S:
                self.is_over.set()
                return
            await asyncio.sleep(WATCH_EVERY_S)

    def _bind(self) -> None:
        """aioice binds any port of every address but loopback; calls come in where the operator wants them."""
        connection: Any = self._sender.transport.transport.iceGatherer._connection
        connection.get_component_candidates = partial(_candidates, connection, self._ways)


async def _candidates(connection: Any, ways: Ways, component: int, addresses: list[str]) -> list[Candidate]:
    """In the place of aioice's own, which cannot be told where to listen."""
    found: list[Candidate] = []
    asked: list[asyncio.Task[Any]] = []
    for address in addresses if ways.addresses is None else ways.addresses:
        protocol = await _listening(connection, address, ways.ports)
        if protocol is None:
            continue
        host, port = protocol.transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=host,
            port=port,
            type="host",
        )
        connection._protocols.append(protocol)
        found.append(protocol.local_candidate)
        if connection.stun_server is not None and ":" not in host:
            asked.append(asyncio.create_task(ice.server_reflexive_candidate(protocol, connection.stun_server)))
    if asked:
        done, late = await asyncio.wait(asked, timeout=STUN_TIMEOUT_S)
        found += [task.result()[0] for task in done if task.exception() is None]
        for task in late:
            task.cancel()
    relayed: list[Candidate] = (
        await type(connection).get_component_candidates(connection, component, []) if (connection.turn_server) else []
    )
    return found + relayed


async def _listening(connection: Any, address: str, ports: tuple[int, int] | None) -> Any:
    """None: there is no free port."""
    loop = asyncio.get_running_loop()
    for port in [0] if ports is None else port_order(ports, random.SystemRandom()):
        try:
            _, protocol = await loop.create_datagram_endpoint(
                lambda: ice.StunProtocol(connection), local_addr=(address, port)
            )
        except OSError:
            continue
        return protocol
    log.warning("no UDP port of %s is free for a call; see WEBRTC_PORTS and WEBRTC_ADDRESSES", address)
    return None


def _ice_servers(ways: Ways) -> list[RTCIceServer]:
    """None unless the operator names some: aiortc would ask one of Google's."""
    return [
        RTCIceServer(url, username=ways.turn_username, credential=ways.turn_password)
        if url.startswith("turn")
        else RTCIceServer(url)
        for url in ways.ice_servers
    ]
