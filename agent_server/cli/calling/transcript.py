"""A call as a person reads it: who says what, as it is said, with the latency of each turn."""

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from agent_server.cli.calling.plan import Turn, TurnReport, Typed
from agent_server.cli.calling.replies import Event, field_of
from agent_server.cli.calling.view import CallResult

_LABEL_WIDTH = 7
_STAGES = {
    "transcript_ms": "transcript",
    "first_token_ms": "first token",
    "first_audio_ms": "first audio",
}


class Transcript:
    """Prints finished lines; on a terminal the line that is being said is shown while it grows."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._growing: dict[str, str] = {}
        self._timings: Event = {}

    def connected(self, url: str) -> None:
        self._line("", Text(f"connected to {url}", style="dim"))
        if self._console.is_terminal:
            self._live = Live(Text(), console=self._console, transient=True, refresh_per_second=12)
            self._live.start()

    def event(self, event: Event, at_ms: float) -> None:
        match event.get("type"):
            case "response.output_text.delta" | "response.output_audio_transcript.delta":
                self._grow(str(event.get("item_id")), str(event.get("delta", "")))
            case "response.output_text.done" | "response.output_audio_transcript.done":
                self._said(str(event.get("item_id")), str(event.get("text") or event.get("transcript") or ""))
            case "conversation.item.input_audio_transcription.completed":
                self._line("you", Text(str(event.get("transcript", ""))))
            case "conversation.item.truncated":
                heard_s = float(event.get("audio_end_ms") or 0) / 1000
                self._note(f"interrupted, {heard_s:.1f} s were heard")
            case "sales_agent.turn.timings":
                self._timings = event
            case "sales_agent.intent":
                self._note(f"intent {event.get('intent')} ({event.get('confidence')})")
            case "sales_agent.tool.started":
                self._note(f"tool {event.get('name')} …")
            case "sales_agent.tool.finished":
                outcome = "failed" if event.get("failed") else "done"
                self._note(f"tool {event.get('name')} {outcome} after {event.get('latency_ms')} ms")
            case "sales_agent.handoff":
                self._note("a person is asked to take over")
            case "sales_agent.conversation.resumed":
                self._note("the conversation goes on where it stopped")
            case "error":
                error = field_of(event, "error")
                self._line("error", Text(f"{error.get('code')}: {error.get('message')}"), style="red")

    def turn_began(self, turn: Turn, at_ms: float) -> None:
        if isinstance(turn, Typed):
            self._line("you", Text(turn.text))
        else:
            self._note(f"speaking {turn.name}")

    def turn_ended(self, report: TurnReport, at_ms: float) -> None:
        if report.failure is not None:
            self._line("failed", Text(f"{report.failure}: {report.message}"), style="red")
            return
        figures = [f"{_ms(report.latency_ms)} at your end", f"{_ms(report.server_latency_ms)} by the server"]
        figures += self._stages()
        self._timings = {}
        self._note(" · ".join(figures))

    def ended(self, result: CallResult) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if result.failure is not None:
            self._line("failed", Text(f"{result.failure.code}: {result.failure.message}"), style="red")
        self._console.print(_summary(result))
        if result.conversation_id is not None:
            self._line("", Text(f"to go on: sales-agent call --conversation {result.conversation_id}", style="dim"))
        if result.recording is not None:
            self._line("", Text(f"what you heard: {result.recording}", style="dim"))

    def _stages(self) -> list[str]:
        """The server's stages, counted from the end of the caller's speech."""
        start_ms = self._timings.get("speech_end_ms")
        if not isinstance(start_ms, int | float):
            return []
        return [
            f"{name} +{value - start_ms:.0f}"
            for field, name in _STAGES.items()
            if isinstance(value := self._timings.get(field), int | float)
        ]

    def _grow(self, item_id: str, delta: str) -> None:
        self._growing[item_id] = self._growing.get(item_id, "") + delta
        if self._live is not None:
            self._live.update(_labelled("agent", Text(self._growing[item_id]), "green"))

    def _said(self, item_id: str, text: str) -> None:
        text = text or self._growing.get(item_id, "")
        self._growing.pop(item_id, None)
        if self._live is not None:
            self._live.update(Text())
        self._line("agent", Text(text), style="green")

    def _note(self, text: str) -> None:
        self._line("", Text(text, style="dim"))

    def _line(self, label: str, text: Text, style: str = "bold") -> None:
        self._console.print(_labelled(label, text, style))


def _labelled(label: str, text: Text, style: str) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=_LABEL_WIDTH, justify="right", no_wrap=True, style=style)
    grid.add_column(overflow="fold")
    # What the other side says must not steer the terminal.
    text.plain = text.plain.replace("\x1b", "")
    grid.add_row(label, text)
    return grid


def _summary(result: CallResult) -> Table:
    table = Table(title="Turns", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("turn", "", "at your end", "by the server", "outcome"):
        table.add_column(name, justify="right" if name.endswith(("end", "server", "turn")) else "left", overflow="fold")
    for report in result.reports:
        table.add_row(
            str(report.number),
            Text(report.name),
            _ms(report.latency_ms),
            _ms(report.server_latency_ms),
            report.failure or "answered",
        )
    return table


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"  # noqa: RUF001 - a dash for "not known"
