"""Whole calls in virtual time: the server's events are written down, the caller's follow from them."""

import base64
from typing import Any

import pytest
from tone import silence, tone

from agent_server.cli.calling.actions import CallEnded, Heard, Send, TurnBegan, TurnEnded
from agent_server.cli.calling.caller import Caller
from agent_server.cli.calling.plan import CallFailure, Plan, Spoken, TurnReport, Typed

TICK_MS = 10.0
SPEECH = tone(500) + silence(200)


class Call:
    """A caller on a line to nowhere, and a clock that moves when told."""

    def __init__(self, plan: Plan) -> None:
        self.caller = Caller(plan)
        self.now_ms = 0.0
        self.sent: list[dict[str, Any]] = []
        self.heard = b""
        self.reports: list[TurnReport] = []
        self.began: list[object] = []
        self.ended: list[CallFailure | None] = []

    def take(self, actions: list) -> None:
        for action in actions:
            match action:
                case Send(event):
                    self.sent.append(event)
                case Heard(pcm):
                    self.heard += pcm
                case TurnBegan(turn):
                    self.began.append(turn)
                case TurnEnded(report):
                    self.reports.append(report)
                case CallEnded(failure):
                    self.ended.append(failure)

    def wait(self, length_ms: float) -> None:
        end_ms = self.now_ms + length_ms
        while self.now_ms < end_ms:
            self.now_ms = min(self.now_ms + TICK_MS, end_ms)
            self.take(self.caller.advance(self.now_ms))

    def server(self, kind: str, pcm: bytes = b"", **fields: Any) -> None:
        self.take(self.caller.receive({"type": kind, **fields}, pcm, self.now_ms))

    def open(self) -> None:
        self.server("session.created", session={"id": "sess"})
        self.server("session.updated", session={"id": "sess"})

    def begin_reply(self, number: int) -> None:
        self.server("response.created", response={"id": f"resp{number}", "status": "in_progress"})
        item = {"id": f"item{number}", "type": "message"}
        self.server("response.output_item.added", response_id=f"resp{number}", item=item)

    def audio(self, number: int, pcm: bytes) -> None:
        self.server("response.output_audio.delta", pcm, response_id=f"resp{number}", item_id=f"item{number}")

    def end_reply(self, number: int, status: str = "completed", **fields: Any) -> None:
        self.server("response.output_audio.done", response_id=f"resp{number}", item_id=f"item{number}")
        self.server("response.done", response={"id": f"resp{number}", "status": status, **fields})

    def say(self, number: int, pcm: bytes) -> None:
        self.begin_reply(number)
        self.audio(number, pcm)
        self.end_reply(number)

    def write(self, number: int, text: str) -> None:
        self.begin_reply(number)
        ids = {"response_id": f"resp{number}", "item_id": f"item{number}"}
        self.server("response.output_text.delta", delta=text, **ids)
        self.server("response.done", response={"id": f"resp{number}", "status": "completed"})

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.sent if event["type"] != "input_audio_buffer.append"]

    def microphone_audio(self) -> bytes:
        frames = [event["audio"] for event in self.sent if event["type"] == "input_audio_buffer.append"]
        return b"".join(base64.b64decode(frame) for frame in frames)


def typed_plan(*lines: str, **options: Any) -> Plan:
    return Plan(turns=tuple(Typed(line) for line in lines), modality="text", **options)


def test_the_session_is_set_up_before_anything_else() -> None:
    call = Call(Plan(turns=(Typed("Hi"),), voice="nova", instructions="Be brief.", eagerness="high"))
    call.wait(100)
    assert call.sent == []
    call.server("session.created", session={"id": "sess"})
    [update] = call.sent
    session = update["session"]
    assert session["type"] == "realtime"
    assert session["output_modalities"] == ["audio"]
    assert session["instructions"] == "Be brief."
    assert session["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "nova"}
    assert session["audio"]["input"]["turn_detection"]["eagerness"] == "high"
    call.wait(100)
    assert call.kinds() == ["session.update"]
    call.server("session.updated", session={"id": "sess"})
    assert call.kinds() == ["session.update", "conversation.item.create", "response.create"]


def test_typed_lines_wait_for_the_reply_to_the_one_before() -> None:
    call = Call(typed_plan("One", "Two"))
    call.open()
    call.wait(40)
    call.write(1, "First")
    assert len(call.began) == 1
    call.wait(200)
    assert [turn.text for turn in call.began] == ["One", "Two"]
    call.wait(70)
    call.write(2, "Second")
    call.wait(200)
    assert call.ended == [None]
    assert [(report.name, report.failure) for report in call.reports] == [("One", None), ("Two", None)]
    assert call.reports[0].latency_ms == pytest.approx(40)
    assert call.kinds().count("response.create") == 2


def test_the_agent_greets_first_when_asked_to() -> None:
    call = Call(typed_plan("Hello", greet=True))
    call.open()
    assert call.kinds() == ["session.update", "response.create"]
    call.write(1, "Welcome!")
    call.wait(200)
    assert call.kinds()[2:] == ["conversation.item.create", "response.create"]
    call.write(2, "Yes?")
    call.wait(200)
    assert [report.kind for report in call.reports] == ["greeting", "typed"]


def test_a_recording_is_spoken_in_real_time_and_followed_by_silence() -> None:
    call = Call(Plan(turns=(Spoken("a.wav", SPEECH),)))
    call.open()
    call.wait(1000)
    assert call.microphone_audio() == SPEECH + silence(300)
    call.server("input_audio_buffer.speech_started", item_id="user1")
    call.server("input_audio_buffer.committed", item_id="user1")
    call.wait(100)
    call.begin_reply(1)
    call.audio(1, silence(50) + tone(400))
    call.end_reply(1)
    call.server("sales_agent.turn.timings", item_id="item1", response_latency_ms=651.5)
    call.wait(400)
    assert call.ended == []
    assert len(call.heard) == 48 * 1500
    call.wait(300)
    [report] = call.reports
    assert call.ended == [None]
    assert report.latency_ms == pytest.approx(1100 + 50 - 500, abs=20)
    assert report.server_latency_ms == 651.5
    assert call.heard[48 * 1150 :].startswith(tone(400))


def test_a_reply_before_the_recording_ends_does_not_answer_it() -> None:
    """A pause in the recording was taken for its end; the caller went on and was answered again."""
    call = Call(Plan(turns=(Spoken("a.wav", tone(300) + silence(700) + tone(300)),)))
    call.open()
    call.wait(600)
    call.server("input_audio_buffer.speech_started", item_id="user1")
    call.server("input_audio_buffer.committed", item_id="user1")
    call.begin_reply(1)
    call.audio(1, tone(400))
    call.wait(500)
    call.server("input_audio_buffer.speech_started", item_id="user2")
    call.end_reply(1, status="cancelled", status_details={"type": "cancelled", "reason": "turn_detected"})
    call.wait(1000)
    assert call.reports == []
    call.server("input_audio_buffer.committed", item_id="user2")
    call.say(2, tone(200))
    call.wait(500)
    [report] = call.reports
    assert report.failure is None
    assert report.latency_ms == pytest.approx(2100 - 1300, abs=20)


@pytest.mark.parametrize("event", ["input_audio_buffer.speech_started", "sales_agent.playback.stop"])
def test_an_interruption_stops_the_sound_and_tells_what_was_heard(event: str) -> None:
    call = Call(Plan(live=True))
    call.open()
    call.begin_reply(1)
    call.audio(1, tone(3000))
    call.wait(1234)
    call.server(event, item_id="item1")
    call.audio(1, tone(3000))
    heard = len(call.heard)
    call.wait(500)
    assert call.heard[heard:] == silence(500)
    truncate, report = call.sent[-2:]
    assert (truncate["type"], truncate["item_id"], truncate["audio_end_ms"]) == (
        "conversation.item.truncate",
        "item1",
        1234,
    )
    assert (report["type"], report["audio_ms"], report["final"]) == ("sales_agent.playback", 1234, True)


def test_speech_while_nobody_talks_interrupts_nothing() -> None:
    call = Call(Plan(turns=(Spoken("a.wav", SPEECH),)))
    call.open()
    call.wait(300)
    call.server("input_audio_buffer.speech_started", item_id="user1")
    assert call.kinds() == ["session.update"]


def test_the_agent_pauses_and_goes_on_where_it_stopped() -> None:
    call = Call(Plan(live=True))
    call.open()
    call.begin_reply(1)
    call.audio(1, tone(400))
    call.wait(100)
    call.server("sales_agent.playback.pause", item_id="item1")
    call.wait(200)
    call.server("sales_agent.playback.resume", item_id="item1")
    call.wait(400)
    assert call.heard == tone(400)[: 48 * 100] + silence(200) + tone(400)[48 * 100 :] + silence(100)


def test_playback_is_reported_while_it_goes_and_at_its_end() -> None:
    call = Call(Plan(live=True))
    call.open()
    call.say(1, tone(600))
    call.wait(700)
    reports = [event for event in call.sent if event["type"] == "sales_agent.playback"]
    assert [(report["audio_ms"], report["final"]) for report in reports] == [
        (10, False),
        (260, False),
        (510, False),
        (600, True),
    ]


def test_a_failed_reply_fails_its_turn_and_the_next_is_taken() -> None:
    call = Call(typed_plan("One", "Two"))
    call.open()
    call.begin_reply(1)
    error = {"type": "server_error", "code": "model_timeout", "message": "Too slow."}
    call.end_reply(1, status="failed", status_details={"type": "failed", "error": error})
    call.wait(50)
    call.write(2, "Second")
    call.wait(200)
    assert [(report.failure, report.message) for report in call.reports] == [
        ("model_timeout", "Too slow."),
        (None, None),
    ]
    assert call.ended == [None]


@pytest.mark.parametrize("refused", ["conversation.item.create", "response.create"])
def test_a_refused_request_fails_its_turn(refused: str) -> None:
    call = Call(typed_plan("One"))
    call.open()
    [asked] = [event["event_id"] for event in call.sent if event["type"] == refused]
    call.server("error", error={"code": "other", "message": "Something else.", "event_id": "call_1"})
    assert call.reports == []
    call.server("error", error={"code": "rate_limit_exceeded", "message": "Slow down.", "event_id": asked})
    assert [report.failure for report in call.reports] == ["rate_limit_exceeded"]
    assert call.ended == [None]


def test_a_refused_session_ends_the_call() -> None:
    call = Call(typed_plan("One"))
    call.server("session.created", session={})
    call.server("error", error={"code": "invalid_value", "message": "No.", "event_id": call.sent[0]["event_id"]})
    assert call.ended == [CallFailure("invalid_value", "The server refuses the session: No.")]


def test_a_server_without_session_is_given_up() -> None:
    call = Call(typed_plan("One"))
    call.wait(10_100)
    assert [failure.code for failure in call.ended] == ["session_timeout"]


def test_no_answer_is_a_failure_after_the_time_set() -> None:
    call = Call(typed_plan("One", "Two", answer_timeout_ms=2000))
    call.open()
    call.wait(1990)
    assert call.ended == []
    call.wait(20)
    assert [report.failure for report in call.reports] == ["answer_timeout"]
    assert [failure.code for failure in call.ended] == ["answer_timeout"]


def test_the_time_set_counts_from_the_last_progress() -> None:
    call = Call(Plan(turns=(Spoken("a.wav", SPEECH),), answer_timeout_ms=1000))
    call.open()
    call.wait(1400)
    call.begin_reply(1)
    call.audio(1, tone(2000))
    call.wait(2900)
    assert call.ended == []
    call.wait(200)
    assert [failure.code for failure in call.ended] == ["answer_timeout"]


def test_a_reply_of_tools_alone_is_not_the_answer() -> None:
    call = Call(typed_plan("One"))
    call.open()
    call.server("response.created", response={"id": "resp0"})
    call.server("response.output_item.added", response_id="resp0", item={"id": "call0", "type": "function_call"})
    call.server("response.done", response={"id": "resp0", "status": "completed"})
    call.wait(500)
    assert call.reports == []
    call.write(1, "Here you are.")
    call.wait(200)
    assert [report.failure for report in call.reports] == [None]


def test_a_lost_connection_ends_the_call_with_the_reason() -> None:
    call = Call(typed_plan("One"))
    call.open()
    call.server("error", error={"code": "server_draining", "message": "The server stops."})
    call.take(call.caller.closed(1006, ""))
    assert call.ended == [CallFailure("connection_lost", "The connection was lost (code 1006): The server stops.")]
    call.take(call.caller.closed(1006, ""))
    call.wait(100)
    assert len(call.ended) == 1


def test_a_person_talks_until_they_hang_up() -> None:
    call = Call(Plan(live=True, greet=True))
    call.open()
    call.say(1, tone(200))
    call.wait(400)
    call.take(call.caller.microphone(tone(20), call.now_ms))
    assert call.microphone_audio() == tone(20)
    for number in (2, 3):
        call.server("input_audio_buffer.speech_started", item_id=f"user{number}")
        call.server("input_audio_buffer.committed", item_id=f"user{number}")
        call.wait(100)
        call.say(number, tone(200))
        call.wait(500)
    assert call.ended == []
    call.take(call.caller.hang_up())
    assert call.ended == [None]
    assert [(report.kind, report.failure) for report in call.reports] == [
        ("greeting", None),
        ("spoken", None),
        ("spoken", None),
    ]


def test_hanging_up_before_the_plan_is_done_is_a_failure() -> None:
    call = Call(typed_plan("One"))
    call.open()
    call.take(call.caller.hang_up())
    assert [failure.code for failure in call.ended] == ["interrupted"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("conversation.created", {"conversation": {"id": "conv_7"}}),
        ("response.created", {"response": {"id": "r", "conversation_id": "conv_7"}}),
        ("sales_agent.conversation.resumed", {"conversation_id": "conv_7", "items": []}),
    ],
)
def test_the_conversation_can_be_continued_later(kind: str, fields: dict[str, Any]) -> None:
    call = Call(typed_plan("One"))
    call.server(kind, **fields)
    assert call.caller.conversation_id == "conv_7"
