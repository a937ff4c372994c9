"""Deepgram Nova on /v1/listen: interim and final segments.

Messages: https://developers.deepgram.com/reference/speech-to-text/listen-streaming; names as in deepgram-sdk 7.17.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_DNS, uuid5
from zlib import crc32

import msgspec
from aiohttp import web
from msgspec import Struct

from simulators.audio.pcm import Decoder
from simulators.audio.segments import SegmentEvent, SegmentPace, Segments
from simulators.audio.words import TimedWord
from simulators.deepgram.flux import NET_0001
from simulators.deepgram.query import NovaQuery, takes_keyterms, too_many_keyterms
from simulators.faults import Fault, Moment
from simulators.simulation import Simulation
from simulators.speech_socket import Goodbye, Message, SpeechSocket

NAME = "deepgram-nova"


class KeepAlive(Struct, tag="KeepAlive"):
    pass


class Finalize(Struct, tag="Finalize"):
    pass


class CloseStream(Struct, tag="CloseStream"):
    pass


class Configure(Struct, tag="Configure"):
    keyterms: tuple[str, ...] | None = None
    features: dict[str, bool] | None = None


_COMMANDS = msgspec.json.Decoder(KeepAlive | Finalize | CloseStream | Configure)


class NovaSocket(SpeechSocket):
    """One connection."""

    def __init__(self, simulation: Simulation, request: web.Request, query: NovaQuery, request_id: str) -> None:
        super().__init__(simulation, NAME, request, Decoder(query.format))
        self._query = query
        self._request_id = request_id
        self._channels: dict[int, Segments] = {}
        self._begun: str | None = None

    def greet(self) -> None:
        """Nova says nothing before there is something to say."""

    def hear(self, channel: int, levels: list[int]) -> None:
        if channel and not self._query.multichannel:
            return  # the channels are one: the first stands for all
        segments = self._segments(channel)
        for level in levels:
            for event in segments.hear(level):
                self._report(channel, event)

    def command(self, text: str) -> None:
        try:
            command = _COMMANDS.decode(text)
        except msgspec.MsgspecError:
            description = "Could not deserialize last text message: unknown or missing type"
            self._tell({"type": "Error", "variant": "SchemaError", "description": description, "message": text})
            return
        self.seen.count(type(command).__name__)
        match command:
            case Finalize():
                self._finalize(from_finalize=True)
            case Configure():
                self._configure(command)
            case CloseStream():
                self._finalize(from_finalize=False)
                self._tell(self._metadata())
                self.say(Goodbye(1000))

    def fail(self, fault: Fault) -> None:
        self.say(Goodbye(1011, "NET-0000"))

    def undecodable(self, reason: str) -> None:
        self.say(Goodbye(1008, "DATA-0000"))

    def idle(self) -> None:
        self.say(Goodbye(1011, NET_0001))

    def _segments(self, channel: int) -> Segments:
        segments = self._channels.get(channel)
        if segments is None:
            query = self._query
            interim_ms = self.simulation.delays.draw(NAME, "interim_ms") if query.interim_results else None
            pace = SegmentPace(interim_ms, query.endpointing_ms, query.utterance_end_ms)
            segments = self._channels[channel] = Segments(self.ears, pace)
        return segments

    def _finalize(self, *, from_finalize: bool) -> None:
        for channel, segments in self._channels.items():
            for event in segments.finalize():
                self._report(channel, event, from_finalize=from_finalize)

    def _configure(self, change: Configure) -> None:
        failure: dict[str, Any] = {"type": "ConfigureFailure", "request_id": self._request_id}
        if change.keyterms is not None and not takes_keyterms(self._query.model):
            description = "This model does not support mid-stream keyterm updates."
            self._tell({**failure, "code": "CONFIGURE_KEYTERMS_NOT_SUPPORTED", "description": description})
        elif change.keyterms is not None and too_many_keyterms(change.keyterms):
            description = "The keyterms exceed the limit of 500 tokens."
            self._tell({**failure, "code": "CONFIGURE_KEYTERM_LIMIT_EXCEEDED", "description": description})
        else:
            success: dict[str, Any] = {"type": "ConfigureSuccess", "request_id": self._request_id}
            if change.keyterms is not None:
                success["keyterms"] = change.keyterms
            self._tell(success)

    def _report(self, channel: int, event: SegmentEvent, *, from_finalize: bool = False) -> None:
        index = [channel, len(self._channels)]
        match event.kind:
            case "speech_started":
                self._begun = "first"
                if self._query.vad_events:
                    started = {"type": "SpeechStarted", "channel": index, "timestamp": event.start_ms / 1000}
                    self._tell(started, *self._moments(event))
            case "utterance_end":
                end_s = event.last_word_end_ms / 1000 if event.last_word_end_ms >= 0 else -1
                self._tell({"type": "UtteranceEnd", "channel": index, "last_word_end": end_s}, delay_ms=self._latency())
            case _:
                delay_ms = self._latency() if event.kind == "final" else 0.0
                self._tell(self._results(index, event, from_finalize), *self._moments(event), delay_ms)
                if event.endpoint:
                    self.seen.count("turns")

    def _latency(self) -> float:
        return self.simulation.delays.draw(NAME, "final_ms")

    def _moments(self, event: SegmentEvent) -> tuple[Moment | None, Moment | None]:
        """The first message about a stretch of speech is its ``first`` moment, the second ``mid``, its end ``idle``."""
        before: Moment | None = None
        if self._begun == "first":
            self._begun, before = "mid", "first"
        elif self._begun == "mid":
            self._begun, before = None, "mid"
        return before, "idle" if event.kind == "final" and event.endpoint else None

    def _results(self, index: list[int], event: SegmentEvent, from_finalize: bool) -> dict[str, Any]:
        final = event.kind == "final"
        return {
            "type": "Results",
            "channel_index": index,
            "duration": round((event.now_ms - event.start_ms) / 1000, 3),
            "start": event.start_ms / 1000,
            "is_final": final,
            "speech_final": final and event.endpoint,
            "channel": {"alternatives": [self._alternative(event.words)]},
            "metadata": {
                "request_id": self._request_id,
                "model_info": {
                    "name": f"general-{self._query.model}",
                    "version": "2026-09-01.0",
                    "arch": self._query.family,
                },
                "model_uuid": str(uuid5(NAMESPACE_DNS, self._query.model)),
            },
            "from_finalize": from_finalize,
        }

    def _alternative(self, words: tuple[TimedWord, ...]) -> dict[str, Any]:
        shown = [word.text if self._query.punctuated else _plain(word.text) for word in words]
        alternative: dict[str, Any] = {
            "transcript": " ".join(shown),
            "confidence": 0.98 if words else 0.0,
            "words": [self._word(word) for word in words],
        }
        if self._query.language == "multi":
            alternative["languages"] = ["en"] if words else []
            alternative["languages_hinted"] = self._query.language_hints
        return alternative

    def _word(self, word: TimedWord) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "word": _plain(word.text),
            "start": round(word.start_ms / 1000, 3),
            "end": round(word.end_ms / 1000, 3),
            "confidence": round(0.9 + crc32(word.text.encode()) % 100 / 1000, 3),
        }
        if self._query.punctuated:
            fields["punctuated_word"] = word.text
        if self._query.language == "multi":
            fields["language"] = "en"
        return fields

    def _metadata(self) -> dict[str, Any]:
        return {
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self._request_id,
            "sha256": sha256(self._request_id.encode()).hexdigest(),
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "duration": self.audio_ms / 1000,
            "channels": max(len(self._channels), 1),
        }

    def _tell(
        self, fields: dict[str, Any], before: Moment | None = None, after: Moment | None = None, delay_ms: float = 0.0
    ) -> None:
        self.say(Message(msgspec.json.encode(fields).decode(), before, after), delay_ms)


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum() or letter in "'-")
