"""Cartesia Ink speech-to-text: turns on ``/stt/turns/websocket``, manual finalizing on ``/stt/websocket``.

Field names as in cartesia 4.2 (``types.stt``).
"""

from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import asdict, replace

from simulators.audio.pcm import Decoder
from simulators.audio.segments import SegmentEvent, SegmentPace, Segments
from simulators.audio.turns import EventKind, Pace, TurnEvent, Turns
from simulators.cartesia.errors import CartesiaError, invalid, of_fault, stt_error_event
from simulators.cartesia.ink_query import InkQuery, check_turn
from simulators.faults import Fault, Moment
from simulators.simulation import Simulation
from simulators.speech_socket import Goodbye, Message, SpeechSocket

NAME = "cartesia-stt"
_NEVER_MS = 1e12
_INTERIM_MS = 500
_EVENTS: dict[EventKind, str] = {
    "update": "turn.update",
    "start": "turn.start",
    "eager": "turn.eager_end",
    "resume": "turn.resume",
    "end": "turn.end",
}


class TurnChange(Struct, frozen=True):
    """What is given replaces what is set."""

    start_threshold: float | None = None
    eager_end_threshold: float | None = None
    end_threshold: float | None = None
    end_timeout_ms: float | None = None


class Config(Struct, tag="config"):
    turn: TurnChange | None = None


class Close(Struct, tag="close"):
    pass


_COMMANDS = msgspec.json.Decoder(Config | Close)


class InkSocket(SpeechSocket):
    """What both protocols share."""

    def __init__(self, simulation: Simulation, request: web.Request, query: InkQuery, version: str) -> None:
        super().__init__(simulation, NAME, request, Decoder(query.format))
        self._query = query
        self._version = version
        self._request_id = str(uuid4())

    def fail(self, fault: Fault) -> None:
        self._refuse(of_fault(fault))
        self.say(Goodbye(1011))

    def undecodable(self, reason: str) -> None:
        self._refuse(invalid(reason))
        self.say(Goodbye(1008))

    def idle(self) -> None:
        self.say(Goodbye(1000, "idle timeout"))

    def _refuse(self, error: CartesiaError) -> None:
        self.seen.count("errors")
        self._tell(stt_error_event(error, self._version))

    def _tell(
        self, fields: dict[str, Any], before: Moment | None = None, after: Moment | None = None, delay_ms: float = 0.0
    ) -> None:
        text = msgspec.json.encode({"request_id": self._request_id, **fields}).decode()
        self.say(Message(text, before, after), delay_ms)


class TurnSocket(InkSocket):
    """Turn detection built in. Eager ends are always on."""

    def __init__(self, simulation: Simulation, request: web.Request, query: InkQuery, version: str) -> None:
        super().__init__(simulation, request, query, version)
        self._updates = 0
        self._turns = Turns(self.ears, self._new_pace())

    def greet(self) -> None:
        self._tell({"type": "connected"})

    def hear(self, channel: int, levels: list[int]) -> None:
        for level in levels:
            if event := self._turns.hear(level):
                self._report(event)

    def command(self, text: str) -> None:
        try:
            command = _COMMANDS.decode(text)
            if isinstance(command, Config):
                self._configure(command)
        except (msgspec.MsgspecError, CartesiaError) as error:
            self._refuse(error if isinstance(error, CartesiaError) else invalid(str(error)))
            return
        self.seen.count(type(command).__name__)
        if isinstance(command, Close):
            if self._turns.speaking and (event := self._turns.force_end()):
                self._report(event)
            self.say(Goodbye(1000))

    def _configure(self, command: Config) -> None:
        given = {name: value for name, value in asdict(command.turn or TurnChange()).items() if value is not None}
        turn = replace(self._query.turn, **given)
        check_turn(turn)
        self._query = replace(self._query, turn=turn)
        self._turns.pace = self._new_pace()

    def _new_pace(self) -> Pace:
        def draw(what: str) -> float:
            return self.simulation.delays.draw(NAME, what)

        timeout_ms = self._query.turn.end_timeout_ms
        return Pace(draw("start_ms"), draw("update_ms"), draw("eager_ms"), draw("end_ms"), timeout_ms)

    def _report(self, event: TurnEvent) -> None:
        if event.kind == "update" and not self._turns.speaking:
            return  # between turns this protocol is silent
        message: dict[str, Any] = {"type": _EVENTS[event.kind]}
        if event.kind in ("update", "eager", "end"):
            message["transcript"] = " ".join(word.text for word in event.words)
        self._tell(message, *self._moments(event.kind), self.simulation.delays.draw(NAME, "latency_ms"))
        if event.kind == "end":
            self.seen.count("turns")
            self._turns.pace = self._new_pace()

    def _moments(self, kind: EventKind) -> tuple[Moment | None, Moment | None]:
        if kind == "start":
            self._updates = 0
            return "first", None
        self._updates += kind == "update"
        before: Moment | None = "mid" if kind == "update" and self._updates == 1 else None
        return before, "idle" if kind == "end" else None


class ManualSocket(InkSocket):
    """The client says when to finalize, by the bare word; ``ink-whisper`` also does so after silence."""

    def __init__(self, simulation: Simulation, request: web.Request, query: InkQuery, version: str) -> None:
        super().__init__(simulation, request, query, version)
        silence_ms = _NEVER_MS if query.silence_ms is None else query.silence_ms
        self._segments = Segments(self.ears, SegmentPace(_INTERIM_MS, silence_ms, None, _NEVER_MS))
        self._said_any = False
        self._begun = False

    def greet(self) -> None:
        """Nothing is said before there is something to say."""

    def hear(self, channel: int, levels: list[int]) -> None:
        for level in levels:
            for event in self._segments.hear(level):
                self._report(event)

    def command(self, text: str) -> None:
        if text not in ("finalize", "close"):
            self._refuse(invalid("expected the command finalize or close"))
            return
        self.seen.count(text)
        for event in self._segments.finalize():
            self._report(event)
        if text == "finalize":
            self._tell({"type": "flush_done"}, after="idle")
        else:
            self._tell({"type": "done"})
            self.say(Goodbye(1000))

    def _report(self, event: SegmentEvent) -> None:
        if event.kind == "speech_started":
            self._begun = False
        if event.kind not in ("interim", "final") or not event.words:
            return
        final = event.kind == "final"
        texts = [word.text for word in event.words]
        words = {
            "words": texts,
            "start": [word.start_ms / 1000 for word in event.words],
            "end": [word.end_ms / 1000 for word in event.words],
        }
        message = {
            "type": "transcript",
            "text": (" " if self._said_any else "") + " ".join(texts),
            "is_final": final,
            "duration": round((event.now_ms - event.start_ms) / 1000, 3),
            "language": "en",
            "words": [words],
        }
        before: Moment = "mid" if self._begun else "first"
        self._begun = True
        self._said_any = self._said_any or final
        self._tell(message, before, delay_ms=self.simulation.delays.draw(NAME, "final_ms") if final else 0.0)
