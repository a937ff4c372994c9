"""What a call shows while it runs, whoever watches."""

from pathlib import Path
from typing import Protocol

from msgspec import Struct

from agent_server.cli.calling.plan import CallFailure, Turn, TurnReport
from agent_server.cli.calling.replies import Event


class CallResult(Struct, frozen=True):
    """A call that is over."""

    reports: tuple[TurnReport, ...]
    failure: CallFailure | None
    conversation_id: str | None
    duration_ms: float
    recording: Path | None

    @property
    def is_success(self) -> bool:
        return self.failure is None and all(report.failure is None for report in self.reports)


class CallView(Protocol):
    """Told of everything, in order. ``at_ms`` counts from the opening of the connection."""

    def connected(self, url: str) -> None: ...
    def event(self, event: Event, at_ms: float) -> None: ...
    def turn_began(self, turn: Turn, at_ms: float) -> None: ...
    def turn_ended(self, report: TurnReport, at_ms: float) -> None: ...
    def ended(self, result: CallResult) -> None: ...
