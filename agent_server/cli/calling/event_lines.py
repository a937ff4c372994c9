"""A call as JSON, one event a line: the server's own events, and what this client measured."""

from pathlib import Path
from typing import TextIO

import msgspec

from agent_server.cli.calling.plan import Turn, TurnReport, Typed
from agent_server.cli.calling.replies import Event
from agent_server.cli.calling.view import CallResult


class EventLines:
    """Lines ``{"at_ms": …, "event": {…}}``. Events of this client's own are named ``sales_agent.call.*``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encoder = msgspec.json.Encoder(enc_hook=_plain)

    def connected(self, url: str) -> None:
        self.event({"type": "sales_agent.call.connected", "url": url}, 0.0)

    def event(self, event: Event, at_ms: float) -> None:
        line = self._encoder.encode({"at_ms": round(at_ms, 1), "event": event})
        self._stream.write(line.decode() + "\n")
        self._stream.flush()

    def turn_began(self, turn: Turn, at_ms: float) -> None:
        said = {"text": turn.text} if isinstance(turn, Typed) else {"wav": turn.name}
        self.event({"type": "sales_agent.call.turn_began", **said}, at_ms)

    def turn_ended(self, report: TurnReport, at_ms: float) -> None:
        self.event({"type": "sales_agent.call.turn_ended", **msgspec.to_builtins(_rounded(report))}, at_ms)

    def ended(self, result: CallResult) -> None:
        event: Event = {
            "type": "sales_agent.call.ended",
            "conversation_id": result.conversation_id,
            "turns": len(result.reports),
            "answered": sum(report.failure is None for report in result.reports),
            "failure": result.failure,
            "recording": result.recording,
        }
        self.event(event, result.duration_ms)


def _rounded(report: TurnReport) -> TurnReport:
    latency_ms = None if report.latency_ms is None else round(report.latency_ms, 1)
    return msgspec.structs.replace(report, latency_ms=latency_ms)


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"cannot write {type(value).__name__} as JSON")
