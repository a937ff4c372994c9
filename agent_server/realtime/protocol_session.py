"""One client on the realtime protocol, whichever way its events come: they go in, the conversation's news goes out."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from agent_server.hosting.line import Ending
from agent_server.hosting.opening import Opening
from agent_server.realtime import client_events as ce
from agent_server.realtime.audio_format import InputDecoder, noise_reducer
from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.hearing import check_languages
from agent_server.realtime.items import MAX_INPUT_ITEMS, check_visitors_items, given_item, response_input
from agent_server.realtime.rates import Reading, audio_allowance, event_allowance
from agent_server.realtime.render import Event, error_event, logprobs, render
from agent_server.realtime.session import conversation_settings, merged, of_visitor, reply_settings
from agent_server.realtime.session_events import ENDINGS, created_event, resumed_event
from agent_server.realtime.session_terms import SessionTerms
from pipelines.agent_profile import read_profile
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.history import ROOT
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings, Pacing
from pipelines.intent.classifier import Intent

log = logging.getLogger(__name__)

SLICE_MS = 200
"""Audio of a large upload is taken in so much at a time; between slices other calls have their turn."""

REPORTING_PACING = Pacing(lead_ms=500.0, chunk_ms=160.0, follows_line=False)
"""For clients that report playback and hold it on request, a network hiccup may last 340 ms unheard."""


_TOO_LARGE = ProtocolError(
    "event_too_large", f"An event has at most {ce.MAX_EVENT_BYTES // 1024**2} MiB; longer audio comes in several."
)
_TOO_MUCH = ProtocolError(
    "client_floods",
    "The client sends far more than a conversation needs and goes on doing so. The conversation can be continued.",
    type_="rate_limit_error",
)


class ProtocolSession:
    """Speaks the protocol for one runner. A line of the host's is made of it by what depends on the way to the client:
    ``serve``, ``ended_properly``, and what becomes of audio.

    ``put`` takes an event on its way to the client. ``reports_playback``: it is told how much of a reply was played.
    """

    def __init__(
        self, opening: Opening, terms: SessionTerms, *, put: Callable[[bytes], None], reports_playback: bool
    ) -> None:
        self._put = put
        self.config = config = opening.config
        self._opening = opening
        self._conversation_id = opening.conversation_id
        self._terms = terms
        self.base = msgspec.structs.replace(terms.base, pacing=REPORTING_PACING) if reports_playback else terms.base
        self._visitor = opening.visitor
        self._events = 0
        self._input = InputDecoder(config.audio.input.format)
        self._reducer = noise_reducer(config.audio.input.noise_reduction)
        self._audio_rate = audio_allowance()
        self._event_rate = event_allowance()
        self._reading = Reading()
        self._refusals = 0
        self._dropped_bytes = 0
        """Of the message being read, what the gate did not let through."""
        self._audio_was_produced = False
        self._runner: ConversationRunner | None = None

    # To the host

    @property
    def settings(self) -> ConversationSettings:
        return conversation_settings(self.config, self.base)

    @property
    def puts_through(self) -> bool:
        return False

    def began(self) -> None:
        self.send_session("session.created")
        self.send(created_event(self._opening))
        if self._opening.history is not None:
            self.send(resumed_event(self._opening))

    def end(self, why: Ending) -> None:
        self.send(ENDINGS[why])

    # News out: the runner's Client

    def tell(self, action: act.Action, now_ms: float) -> None:
        if isinstance(action, act.TranscriptCompleted) and self.config.tells_logprobs:
            self.send(self._with_logprobs(action))
            return
        for event in render(action, self._conversation_id):
            self.send(event)

    def _with_logprobs(self, action: act.TranscriptCompleted) -> Event:
        (event,) = render(action, self._conversation_id)
        known = logprobs(action.words)
        return event if known is None else event | {"logprobs": known}

    def tell_intent(self, item_id: str, intent: Intent) -> None:
        self.send(
            {
                "type": "sales_agent.intent",
                "item_id": item_id,
                "intent": intent.label,
                "confidence": round(intent.confidence, 3),
            }
        )

    def send(self, event: Event) -> None:
        self._events += 1
        self._put(msgspec.json.encode({"event_id": f"event_{self._events}", **event}))

    def send_session(self, kind: str) -> None:
        """``session.created`` or ``session.updated``, with the full effective session; what a sales team wrote for the
        agent alone is not for a page's visitors."""
        shown = self.config
        if self._visitor and read_profile(shown.instructions) is not None:
            shown = msgspec.structs.replace(shown, instructions="")
        session: Event = {
            "id": self._terms.session_id,
            "object": "realtime.session",
            "expires_at": self._terms.expires_at,
            **msgspec.to_builtins(shown),
        }
        self.send({"type": kind, "session": session})

    # Events in

    async def receive(self, text: str) -> None:
        """One bad event costs an error, never the session."""
        try:
            event = ce.decode(text)
        except ProtocolError as error:
            self._refuse(error, ce.event_id_of(text))
            return
        try:
            match event:
                case ce.InputAudioAppend():
                    await self._append(event)
                case ce.MessageDropped():
                    self._dropped_bytes = event.bytes
                    self._refuse(_TOO_LARGE, None)
                case ce.ItemCreate():
                    self._limit_events()
                    await self._create_item(event)
                case _:
                    self._limit_events()
                    await self._recall(_named(event))
                    self._handle(event)
        except ProtocolError as error:
            self._refuse(error, event.event_id)

    def _handle(self, event: ce.AnyClientEvent) -> None:
        runner, cause = self._open_runner, event.event_id
        match event:
            case ce.SessionUpdate():
                self._update_session(event)
            case ce.InputAudioCommit():
                self._take_in_rest()
                runner.commit_audio(cause)
            case ce.InputAudioClear():
                self._take_in_rest()
                runner.clear_audio(cause)
            case ce.OutputAudioClear():
                self._clear_output(cause)
            case ce.ItemRetrieve(item_id=item_id):
                runner.post(facts.ItemRetrieve(item_id, cause))
            case ce.ItemDelete(item_id=item_id):
                runner.post(facts.ItemDelete(item_id, cause))
            case ce.ItemTruncate(item_id=item_id, content_index=index, audio_end_ms=end_ms):
                runner.post(facts.ItemTruncate(item_id, index, float(end_ms), cause))
            case ce.ResponseCreate():
                self._create_response(event)
            case ce.ResponseCancel(response_id=response_id):
                runner.post(facts.ResponseCancel(response_id, cause))
            case ce.PlaybackReport():
                self._played(event)

    async def _recall(self, item_ids: Sequence[str]) -> None:
        """What the request names is at hand now, however old it is. Raises ProtocolError."""
        if item_ids and not await self._open_runner.recall(item_ids):
            raise ProtocolError(
                "items_unavailable", "Older items cannot be read right now; try again.", type_="server_error"
            )

    async def _may_send_on(self, size: int, *, refused: bool) -> bool:
        """After a message of so many characters or bytes; ``refused``: it was answered with an error. Holds back who
        sends more than a conversation needs. False: they do not stop, and are to be cut off."""
        pause_s = self._reading.pause_s(size, self._open_runner.now_ms, refused=refused)
        if self._reading.is_over:
            log.warning("client of %s sends too much; cutting it off", self._conversation_id)
            self._refuse(_TOO_MUCH, None)
            return False
        if pause_s is not None:
            await asyncio.sleep(pause_s)
        return True

    async def _append(self, event: ce.InputAudioAppend) -> None:
        """The client's audio comes in an event. Raises ProtocolError."""
        raise NotImplementedError

    def _clear_output(self, cause: str | None) -> None:
        """The client wants what is being played to stop. Raises ProtocolError."""
        raise NotImplementedError

    def _played(self, report: ce.PlaybackReport) -> None:
        """The client tells what it plays."""
        raise NotImplementedError

    def _take_in(self, pcm: bytes, *, way_ms: float = 0.0) -> None:
        """``way_ms``: how long it was on its way, where that is known."""
        if self._reducer is not None:
            pcm = self._reducer.feed(pcm)
        if pcm:
            self._open_runner.receive_audio(pcm, way_ms=way_ms)

    def _take_in_rest(self) -> None:
        """What the noise reduction still holds belongs to the audio before."""
        if self._reducer is not None and (rest := self._reducer.flush()):
            self._open_runner.receive_audio(rest)

    def _limit_events(self) -> None:
        if not self._event_rate.take(1.0, self._open_runner.now_ms):
            raise ProtocolError(
                "rate_limit_exceeded", "Too many events; at most 50 a second.", type_="rate_limit_error"
            )

    def _update_session(self, event: ce.SessionUpdate) -> None:
        update = of_visitor(event.session, "session") if self._visitor else event.session
        config = merged(self.config, update, audio_was_produced=self._audio_was_produced)
        check_languages(config, self._terms.recognisers)
        if config.audio.input.format != self.config.audio.input.format:
            self._input = InputDecoder(config.audio.input.format)
        if config.audio.input.noise_reduction != self.config.audio.input.noise_reduction:
            self._take_in_rest()
            self._reducer = noise_reducer(config.audio.input.noise_reduction)
        self.config = config
        self._open_runner.configure(facts.Configured(self.settings))
        self.send_session("session.updated")
        self._terms.keep(msgspec.to_builtins(config))

    async def _create_item(self, event: ce.ItemCreate) -> None:
        given = given_item(event.item)
        if self._visitor:
            check_visitors_items([given.item], "item")
        await self._recall([name for name in (given.item.id, event.previous_item_id) if name and name != ROOT])
        fact = facts.ItemCreate(given.item, event.previous_item_id, event.event_id)
        if given.audio is None:
            self._open_runner.post(fact)
            return
        if not self._audio_rate.take(len(given.audio) / self._input.bytes_per_ms, self._open_runner.now_ms):
            raise ProtocolError(
                "input_audio_too_fast", "More audio than can be taken in now.", type_="rate_limit_error"
            )
        self._open_runner.create_recorded_item(fact, await self._recorded(given.audio))

    async def _recorded(self, audio: bytes) -> bytes:
        """As 24 kHz PCM. Raises ProtocolError."""
        decoder = InputDecoder(self.config.audio.input.format)
        decoder.check(audio)
        slice_bytes = SLICE_MS * decoder.bytes_per_ms
        pcm = bytearray()
        for start in range(0, len(audio), slice_bytes):
            pcm += decoder.feed(audio[start : start + slice_bytes])
            await asyncio.sleep(0)
        return bytes(pcm)

    def _create_response(self, event: ce.ResponseCreate) -> None:
        if self.config.is_transcription:
            raise ProtocolError("unsupported_event", "A transcription session makes no responses.")
        wanted = event.response or ce.ResponseInput()
        overrides = of_visitor(_overrides(wanted), "response") if self._visitor else _overrides(wanted)
        items: tuple[Item, ...] | None = None
        references: tuple[str, ...] = ()
        if wanted.input is not None:
            items, references = response_input(wanted.input)
            if self._visitor:
                check_visitors_items((item for item in items if item.id not in references), "response.input")
        self._open_runner.post(
            facts.ResponseCreate(
                reply=reply_settings(self.config, overrides),
                items=items,
                item_references=references,
                out_of_band=wanted.conversation == "none",
                metadata=wanted.metadata,
                cause=event.event_id,
            )
        )

    def _refuse(self, error: ProtocolError, cause: str | None) -> None:
        self._refusals += 1
        self.send(error_event(error.code, error.message, param=error.param, cause=cause, type_=error.type))

    @property
    def _open_runner(self) -> ConversationRunner:
        assert self._runner is not None, "events are read only while the conversation runs"
        return self._runner


def _named(event: ce.AnyClientEvent) -> Sequence[str]:
    """The items that an event is about."""
    match event:
        case ce.ItemRetrieve(item_id=item_id) | ce.ItemDelete(item_id=item_id) | ce.ItemTruncate(item_id=item_id):
            return (item_id,)
        case ce.ResponseCreate(response=ce.ResponseInput(input=list() as given)):
            references = [entry.id for entry in given if entry.type == "item_reference" and entry.id]
            return references[:MAX_INPUT_ITEMS]
        case _:
            return ()


def _overrides(wanted: ce.ResponseInput) -> dict[str, Any]:
    """The fields of a response that stand in for the session's."""
    fields = (
        "instructions",
        "output_modalities",
        "audio",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_output_tokens",
        "reasoning",
        "prompt",
    )
    given = {field: getattr(wanted, field) for field in fields}
    return {field: value for field, value in given.items() if value is not msgspec.UNSET and value is not None}
