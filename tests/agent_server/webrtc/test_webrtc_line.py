"""What a line makes of the conversation's news: events for the client, frames for the wire, facts for the core."""

import asyncio
from typing import Any, cast

import msgspec
import pytest

from agent_server.hosting.opening import Opening
from agent_server.realtime.session import effective_session
from agent_server.realtime.session_object import SessionConfig
from agent_server.realtime.session_terms import SessionTerms
from agent_server.webrtc.events_channel import EventsChannel
from agent_server.webrtc.line import CLIENT_BUFFER_MS, REPORT_FRAMES, WebRtcLine
from agent_server.webrtc.playout import FRAME_BYTES
from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.items import Item
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings

FRAME = b"\x01\x00" * (FRAME_BYTES // 2)


class Runner:
    """Notes the facts; its clock is set by the test."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.posted: list[facts.Fact] = []

    def post(self, fact: facts.Fact) -> None:
        self.posted.append(fact)


class Wire:
    """A line with its runner, and what it sent."""

    def __init__(self, **turn_detection: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.events = EventsChannel(expected=False)
        self.events.put = lambda event: self.sent.append(msgspec.json.decode(event))  # type: ignore[method-assign]
        detection = {"type": "semantic_vad", **turn_detection}
        config = effective_session(
            SessionConfig(), {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
        )
        terms = SessionTerms(
            session_id="sess_1", base=ConversationSettings(), recognisers=(), expires_at=0, keep=lambda _: None
        )
        self.line = WebRtcLine(self.events, Opening("conv_1", "webrtc", config), terms)
        self.runner = Runner()
        self.line._runner = cast("ConversationRunner", self.runner)

    def tell(self, *actions: act.Action) -> None:
        for action in actions:
            self.line.tell(action, self.runner.now_ms)

    def frames(self, count: int) -> list[bytes | None]:
        made = []
        for _ in range(count):
            made.append(self.line.next_frame())
            self.runner.now_ms += 20.0
        return made

    @property
    def buffer(self) -> list[tuple[str, str]]:
        """What was said of the output buffer."""
        return [
            (event["type"].rpartition(".")[2], event["response_id"])
            for event in self.sent
            if event["type"].startswith("output_audio_buffer")
        ]


def response(reply: str, status: str = "in_progress") -> act.Response:
    return act.Response(reply, cast("act.ResponseStatus", status), "audio")


def audio(reply: str, item: str, frames: int = 1) -> act.OutputAudioDelta:
    return act.OutputAudioDelta(reply, item, 0, FRAME * frames)


def spoken(item: str, status: str) -> Item:
    return Item(item, "message", "assistant", cast("Any", status), spoken=True)


def item_done(reply: str, item: str, status: str = "completed") -> act.OutputItemDone:
    return act.OutputItemDone(reply, 0, spoken(item, status), None, False)


async def test_the_buffer_is_told_of_until_its_last_sample_was_heard() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 2))
    assert wire.buffer == [("started", "r1")]
    assert not [event for event in wire.sent if event["type"] == "response.output_audio.delta"]
    wire.tell(item_done("r1", "i1"), act.ResponseDone(response("r1", "completed")))
    assert wire.frames(3) == [FRAME, FRAME, None]
    assert wire.buffer[1:] == [], f"{CLIENT_BUFFER_MS} ms of it lie at the client"
    wire.frames(5)
    assert wire.buffer[1:] == [("stopped", "r1")]
    assert wire.runner.posted[-1] == facts.PlaybackReported("i1", 40.0, True)


async def test_one_reply_stops_before_the_next_starts() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1"), item_done("r1", "i1"))
    wire.tell(act.ResponseDone(response("r1", "completed")), act.ResponseCreated(response("r2")), audio("r2", "i2"))
    assert wire.buffer == [("started", "r1"), ("stopped", "r1"), ("started", "r2")]
    assert wire.frames(3) == [FRAME, FRAME, None]


async def test_what_was_heard_is_told_as_it_goes() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 100))
    wire.frames(REPORT_FRAMES)
    (report,) = wire.runner.posted
    sent_ms = 20.0 * REPORT_FRAMES
    assert report == facts.PlaybackReported("i1", sent_ms - CLIENT_BUFFER_MS, False)


async def test_the_caller_breaks_in() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 10))
    wire.frames(4)
    wire.tell(act.PausePlayback("i1"))
    assert wire.frames(2) == [None, None]
    wire.tell(act.SpeechStarted("u1", 0), item_done("r1", "i1", "incomplete"))
    wire.tell(act.ResponseDone(response("r1", "cancelled")))
    await asyncio.sleep(0)
    assert wire.buffer == [("started", "r1"), ("cleared", "r1")]
    assert wire.runner.posted[-1] == facts.ItemTruncate("i1", 0, 80.0)
    assert wire.frames(3) == [None] * 3
    wire.tell(act.ResponseCreated(response("r2")), audio("r2", "i2"))
    assert wire.frames(1) == [FRAME]


async def test_a_false_alarm_goes_on_where_it_stopped() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 2), act.PausePlayback("i1"))
    assert wire.frames(2) == [None, None]
    wire.tell(act.ResumePlayback("i1"))
    assert wire.frames(2) == [FRAME, FRAME]
    assert not [event for event in wire.sent if event["type"].startswith("sales_agent.playback")]


async def test_who_may_not_interrupt_hears_on() -> None:
    wire = Wire(interrupt_response=False)
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 2), act.SpeechStarted("u1", 0))
    assert wire.frames(2) == [FRAME, FRAME]


async def test_more_of_a_reply_that_was_cleared_is_not_played() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(response("r1")), audio("r1", "i1", 2))
    await wire.line.receive('{"type":"output_audio_buffer.clear","event_id":"mine"}')
    assert facts.ResponseCancel(cause="mine") in wire.runner.posted
    wire.tell(audio("r1", "i1", 2))
    assert wire.frames(2) == [None, None]
    assert wire.buffer == [("started", "r1"), ("cleared", "r1")]


async def test_what_runs_beside_the_conversation_is_no_item_to_truncate() -> None:
    wire = Wire()
    added = act.OutputItemAdded("r1", 0, spoken("i1", "in_progress"), None, True)
    wire.tell(act.ResponseCreated(response("r1")), added, audio("r1", "i1", 3))
    wire.frames(1)
    wire.tell(act.SpeechStarted("u1", 0))
    await asyncio.sleep(0)
    assert wire.runner.posted == [facts.PlaybackReported("i1", 20.0, True)]


@pytest.mark.parametrize("kind", ["input_audio_buffer.append", "no.such.event"])
async def test_what_is_not_done_here_is_an_error_and_no_end(kind: str) -> None:
    wire = Wire()
    await wire.line.receive(f'{{"type":"{kind}","audio":"AAAA","event_id":"mine"}}')
    assert wire.sent[-1]["error"]["event_id"] == "mine"


async def test_what_an_operator_breaks_in_on_is_played_no_further() -> None:
    wire = Wire()
    wire.tell(act.ResponseCreated(act.Response("resp_1", "in_progress", "audio")))
    wire.tell(act.OutputAudioDelta("resp_1", "item_1", 0, FRAME * 10))
    assert wire.line.next_frame() is not None
    wire.tell(act.StopPlayback("item_1"))
    assert wire.line.next_frame() is None
    assert [event["type"] for event in wire.sent][-1] == "output_audio_buffer.cleared"
    await asyncio.sleep(0)
    assert any(isinstance(fact, facts.ItemTruncate) for fact in wire.runner.posted)
