from io import StringIO

from rich.console import Console

from agent_server.cli.calling.plan import CallFailure, Spoken, TurnReport, Typed
from agent_server.cli.calling.transcript import Transcript
from agent_server.cli.calling.view import CallResult


def shown(*, terminal: bool = False) -> tuple[Transcript, StringIO]:
    out = StringIO()
    return Transcript(Console(file=out, width=100, force_terminal=terminal, no_color=True)), out


def lines(out: StringIO) -> list[str]:
    return [" ".join(line.split()) for line in out.getvalue().splitlines() if line.strip()]


def test_a_conversation_reads_like_one() -> None:
    view, out = shown()
    view.connected("ws://host")
    view.turn_began(Spoken("hello.wav", b""), 0)
    view.event({"type": "conversation.item.input_audio_transcription.completed", "transcript": "How much?"}, 10)
    view.event({"type": "sales_agent.intent", "item_id": "u", "intent": "pricing", "confidence": 0.93}, 11)
    view.event({"type": "response.output_audio_transcript.delta", "item_id": "a", "delta": "Fifty "}, 20)
    view.event({"type": "response.output_audio_transcript.done", "item_id": "a", "transcript": "Fifty dollars."}, 30)
    timings = {"speech_end_ms": 1000.0, "transcript_ms": 1120.0, "first_token_ms": 1260.4, "first_audio_ms": None}
    view.event({"type": "sales_agent.turn.timings", "item_id": "a", **timings}, 31)
    view.turn_ended(TurnReport(1, "spoken", "hello.wav", latency_ms=412.4, server_latency_ms=405.0), 40)
    view.turn_began(Typed("Bye [bold]now"), 50)
    view.turn_ended(TurnReport(2, "typed", "Bye [bold]now", failure="answer_timeout", message="No answer."), 60)
    view.ended(CallResult(reports=(), failure=None, conversation_id="conv_1", duration_ms=60, recording=None))
    assert lines(out) == [
        "connected to ws://host",
        "speaking hello.wav",
        "you How much?",
        "intent pricing (0.93)",
        "agent Fifty dollars.",
        "412 ms at your end · 405 ms by the server · transcript +120 · first token +260",
        "you Bye [bold]now",
        "failed answer_timeout: No answer.",
        "Turns",
        "turn at your end by the server outcome",
        "to go on: sales-agent call --conversation conv_1",
    ]


def test_what_the_agent_says_grows_on_a_terminal_and_steers_nothing() -> None:
    view, out = shown(terminal=True)
    view.connected("ws://host")
    view.event({"type": "response.output_text.delta", "item_id": "a", "delta": "\x1b]0;evil\x07"}, 1)
    view.event({"type": "response.output_text.done", "item_id": "a", "text": "\x1b]0;evil\x07Hello"}, 2)
    view.ended(CallResult(reports=(), failure=None, conversation_id=None, duration_ms=3, recording=None))
    assert "\x1b]0;" not in out.getvalue()
    assert "Hello" in out.getvalue()


def test_errors_and_the_reason_of_the_end_are_told() -> None:
    view, out = shown()
    view.event({"type": "error", "error": {"code": "server_draining", "message": "The server stops."}}, 1)
    view.event({"type": "conversation.item.truncated", "item_id": "a", "audio_end_ms": 1234}, 2)
    failure = CallFailure("connection_lost", "The connection was lost.")
    report = TurnReport(1, "typed", "Hi", failure="answer_timeout", message="No answer.")
    view.ended(CallResult(reports=(report,), failure=failure, conversation_id=None, duration_ms=3, recording=None))
    assert lines(out)[:3] == [
        "error server_draining: The server stops.",
        "interrupted, 1.2 s were heard",
        "failed connection_lost: The connection was lost.",
    ]
    assert lines(out)[-1].split() == ["1", "Hi", "–", "–", "answer_timeout"]  # noqa: RUF001
