"""Deepgram Flux on /v2/listen: turns with eager ends.

Messages: https://developers.deepgram.com/docs/flux, field names as in deepgram-sdk 7.17. Where the vendor states none,
error codes are chosen here.
"""

from typing import Any
from zlib import crc32

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import asdict, replace

from simulators.audio.pcm import Decoder
from simulators.audio.turns import EventKind, Pace, TurnEvent, Turns
from simulators.audio.words import TimedWord
from simulators.deepgram.query import FluxQuery, QueryError, check_thresholds
from simulators.faults import Fault, Moment
from simulators.simulation import Simulation
from simulators.speech_socket import Goodbye, Message, SpeechSocket

NAME = "deepgram-flux"
_NO_CONFIDENCE = 0.02
_EVENTS: dict[EventKind, str] = {
    "update": "Update",
    "start": "StartOfTurn",
    "eager": "EagerEndOfTurn",
    "resume": "TurnResumed",
    "end": "EndOfTurn",
}
NET_0001 = (
    "Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001"
)


class Thresholds(Struct, frozen=True, omit_defaults=True):
    eot_threshold: float | None = None
    eager_eot_threshold: float | None = None
    eot_timeout_ms: int | None = None


class Configure(Struct, tag="Configure"):
    thresholds: Thresholds = Thresholds()
    keyterms: tuple[str, ...] | None = None
    language_hints: tuple[str, ...] | None = None
    numerals: bool | None = None


class ForceEndTurn(Struct, tag="ForceEndTurn"):
    pass


class CloseStream(Struct, tag="CloseStream"):
    pass


_COMMANDS = msgspec.json.Decoder(Configure | ForceEndTurn | CloseStream)


class FluxSocket(SpeechSocket):
    """One connection."""

    def __init__(self, simulation: Simulation, request: web.Request, query: FluxQuery, request_id: str) -> None:
        super().__init__(simulation, NAME, request, Decoder(query.format))
        self._query = query
        self._request_id = request_id
        self._sequence = 0
        self._updates = 0
        self._turns = Turns(self.ears, self._new_pace())

    def greet(self) -> None:
        self._tell({"type": "Connected"})

    def hear(self, channel: int, levels: list[int]) -> None:
        for level in levels:
            if event := self._turns.hear(level):
                self._report(event)

    def command(self, text: str) -> None:
        try:
            command = _COMMANDS.decode(text)
        except msgspec.MsgspecError:
            self._fatal("UNPARSABLE_CLIENT_MESSAGE", "Text message did not match any of the formats we expect.")
            return
        self.seen.count(type(command).__name__)
        match command:
            case Configure():
                self._configure(command)
            case ForceEndTurn():
                if event := self._turns.force_end():
                    self._report(event)
            case CloseStream():
                self._report(self._turns.last_update())
                self.say(Goodbye(None))

    def fail(self, fault: Fault) -> None:
        code = "TOO_MANY_REQUESTS" if fault.kind == "rate_limit" else "INTERNAL_SERVER_ERROR"
        self._fatal(code, "The server had an internal error.")

    def undecodable(self, reason: str) -> None:
        self._fatal("UNDECODABLE_AUDIO", reason, Goodbye(1008, "DATA-0000"))

    def idle(self) -> None:
        self.say(Goodbye(1011, NET_0001))

    def _configure(self, change: Configure) -> None:
        fields = {**asdict(change.thresholds), **asdict(change)}
        del fields["thresholds"]
        wanted = replace(self._query, **{name: value for name, value in fields.items() if value is not None})
        try:
            check_thresholds(wanted.eot_threshold, wanted.eager_eot_threshold, wanted.eot_timeout_ms)
        except QueryError as error:
            self._tell({"type": "ConfigureFailure", "code": "INVALID_THRESHOLD", "description": str(error)})
            return
        if change.language_hints and wanted.model != "flux-general-multi":
            refused = "language_hints are only supported by flux-general-multi"
            self._tell({"type": "ConfigureFailure", "code": "LANGUAGE_HINTS_NOT_SUPPORTED", "description": refused})
            return
        self._query = wanted
        self._turns.pace = self._new_pace()
        self._confirm(wanted)

    def _confirm(self, query: FluxQuery) -> None:
        thresholds = Thresholds(query.eot_threshold, query.eager_eot_threshold, query.eot_timeout_ms)
        success: dict[str, Any] = {
            "type": "ConfigureSuccess",
            "thresholds": thresholds,
            "keyterms": query.keyterms,
            "numerals": query.numerals,
        }
        if query.model == "flux-general-multi":
            success["language_hints"] = query.language_hints
        self._tell(success)

    def _new_pace(self) -> Pace:
        def draw(what: str) -> float:
            return self.simulation.delays.draw(NAME, what)

        return Pace(
            start_ms=draw("start_ms"),
            update_ms=draw("update_ms"),
            eager_ms=None if self._query.eager_eot_threshold is None else draw("eager_ms"),
            end_ms=None if self._query.eot_threshold >= 1 else draw("end_ms"),
            timeout_ms=self._query.eot_timeout_ms,
        )

    def _report(self, event: TurnEvent) -> None:
        before, after = self._moments(event.kind)
        info: dict[str, Any] = {
            "type": "TurnInfo",
            "event": _EVENTS[event.kind],
            "turn_index": event.turn,
            "audio_window_start": event.start_ms / 1000,
            "audio_window_end": event.now_ms / 1000,
            "transcript": " ".join(word.text for word in event.words),
            "words": [_word(word) for word in event.words],
            "end_of_turn_confidence": round(self._confidence(event), 4),
        }
        if event.trigger is not None:
            info["trigger"] = event.trigger
        if self._query.model == "flux-general-multi":
            info["languages"] = ["en"] if event.words else []
            if self._query.language_hints:
                info["languages_hinted"] = self._query.language_hints
        self._tell(info, before, after, self.simulation.delays.draw(NAME, "latency_ms"))
        if event.kind == "end":
            self.seen.count("turns")
            self._turns.pace = self._new_pace()

    def _moments(self, kind: EventKind) -> tuple[Moment | None, Moment | None]:
        if kind == "start":
            self._updates = 0
            return "first", None
        if kind == "update" and self._turns.speaking:
            self._updates += 1
            return ("mid" if self._updates == 1 else None), None
        return None, ("idle" if kind == "end" else None)

    def _confidence(self, event: TurnEvent) -> float:
        """Grows with silence, and lies on the side of the thresholds that the event claims."""
        eot = self._query.eot_threshold
        eager = self._query.eager_eot_threshold
        grown = min(_NO_CONFIDENCE + event.silence_ms / 500, 0.99)
        match event.kind:
            case "eager" | "update" if event.kind == "eager" or self._turns.ending:
                return min(max(grown, eager or 0.0), max(eot - 0.01, eager or 0.0))
            case "end" if event.trigger == "model":
                return max(grown, eot)
            case "update" | "end" if event.words:
                return min(grown, (eot if eager is None or event.trigger else eager) - 0.01)
            case _:
                return _NO_CONFIDENCE

    def _fatal(self, code: str, description: str, goodbye: Goodbye = Goodbye(1011)) -> None:  # noqa: B008 (frozen)
        self._tell({"type": "Error", "code": code, "description": description})
        self.say(goodbye)

    def _tell(
        self, fields: dict[str, Any], before: Moment | None = None, after: Moment | None = None, delay_ms: float = 0.0
    ) -> None:
        envelope = (
            {"sequence_id": self._sequence}
            if fields["type"] == "Error"
            else {"request_id": self._request_id, "sequence_id": self._sequence}
        )
        self._sequence += 1
        text = msgspec.json.encode({"type": fields["type"], **envelope, **fields}).decode()
        self.say(Message(text, before, after), delay_ms)


def _word(word: TimedWord) -> dict[str, Any]:
    confidence = round(0.9 + crc32(word.text.encode()) % 100 / 1000, 3)
    return {
        "word": word.text,
        "confidence": confidence,
        "start": round(word.start_ms / 1000, 3),
        "end": round(word.end_ms / 1000, 3),
    }
