"""One caller, as decisions: the server's events and the time go in, what is sent, heard and reported comes out.

The caller opens the session, has the agent greet if wanted, then takes one turn after the other, each when the reply to
the one before has been heard to its end. It stops listening to a reply the moment the server hears the caller speak.
"""

from collections import deque
from typing import Literal

from msgspec import Struct

from agent_server.cli.calling import client_events
from agent_server.cli.calling.actions import Action, CallEnded, Heard, Send, TurnBegan, TurnEnded
from agent_server.cli.calling.caller_line import FRAME_MS, CallerLine, Mouth
from agent_server.cli.calling.ear import Ear
from agent_server.cli.calling.plan import CallFailure, Plan, Turn, TurnReport, Typed
from agent_server.cli.calling.playback import Playback
from agent_server.cli.calling.replies import Ended, Event, Replies, field_of

SESSION_TIMEOUT_MS = 10_000.0
NORMAL_CLOSURE = 1000
SETTLE_MS = 120.0
"""A reply is over when nothing has moved for so long: another part of it would have begun."""


class _OpenTurn(Struct):
    """A turn that is not answered yet.

    ``asked_ms``: when the caller was done with it, perhaps still to come. ``before``: the last reply before it.
    """

    kind: Literal["greeting", "typed", "spoken"]
    name: str
    before: Ended | None
    asked_ms: float
    progress_ms: float


class Caller:
    """Carries out a plan. Times are milliseconds since the connection was opened."""

    def __init__(self, plan: Plan) -> None:
        self.conversation_id: str | None = None
        self._plan = plan
        self._phase: Literal["opening", "configuring", "talking", "over"] = "opening"
        self._greets = plan.greet
        self._turns = deque(plan.turns)
        self._turn: _OpenTurn | None = None
        self._turns_begun = 0
        self._line: CallerLine | None = None
        self._mouth = Mouth()
        self._playback = Playback()
        self._ear = Ear(self._playback)
        self._replies = Replies()
        self._latency: dict[str, float] = {}
        self._busy_ms = 0.0
        self._sent = 0
        self._asked_by: tuple[str, ...] = ()
        self._last_error: str | None = None
        self._out: list[Action] = []

    @property
    def is_over(self) -> bool:
        return self._phase == "over"

    @property
    def next_frame_ms(self) -> float | None:
        """When the caller's next frame is due; None without a line of its own."""
        return None if self._line is None else self._line.sent_ms + FRAME_MS

    # What happens

    def advance(self, now_ms: float) -> list[Action]:
        """Time has passed: speak, listen, report, and see whether a turn is over."""
        if not self.is_over:
            self._speak(now_ms)
            self._listen(now_ms)
            self._judge(now_ms)
        return self._take()

    def receive(self, event: Event, pcm: bytes, now_ms: float) -> list[Action]:
        """The server said something; ``pcm`` is the sound of an audio delta."""
        if self.is_over:
            return []
        self._speak(now_ms)
        self._listen(now_ms)
        self._replies.see(event, now_ms)
        self._note_conversation(event)
        if self._turn is not None and str(event.get("type")).startswith("response."):
            self._turn.progress_ms = now_ms
        self._react(event, pcm, now_ms)
        return self.advance(now_ms)

    def microphone(self, pcm: bytes, now_ms: float) -> list[Action]:
        """A person's audio, taken up until now."""
        if self._phase == "talking":
            self._mouth.spoke(pcm, now_ms)
            self._send(client_events.audio_frame(pcm))
        return self._take()

    def hang_up(self) -> list[Action]:
        """The person on the line leaves, which ends a live call well and any other early."""
        if self._plan.live and not self.is_over:
            self._finish(None)
        return self.fail("interrupted", "The call was ended before every turn was answered.")

    def closed(self, code: int, reason: str) -> list[Action]:
        """The connection is gone. A live call may end so; a plan that is not carried out may not."""
        if self._plan.live and code == NORMAL_CLOSURE and not self.is_over:
            self._finish(None)
        why = reason or self._last_error or "the server gave no reason"
        return self.fail("connection_lost", f"The connection was lost (code {code}): {why}")

    def fail(self, code: str, message: str) -> list[Action]:
        """The call cannot go on. Nothing happens when it is over already."""
        if not self.is_over:
            self._finish(CallFailure(code, message))
        return self._take()

    # Reactions

    def _react(self, event: Event, pcm: bytes, now_ms: float) -> None:
        match event.get("type"):
            case "session.created" if self._phase == "opening":
                self._asked_by = (self._send(client_events.session_update(self._plan)),)
                self._phase = "configuring"
            case "session.updated" if self._phase == "configuring":
                self._phase = "talking"
                self._busy_ms = now_ms
                if self._plan.has_line and not self._plan.live:
                    self._line = CallerLine(now_ms)
            case "input_audio_buffer.speech_started" | "sales_agent.playback.stop":
                self._stop_listening()
            case "input_audio_buffer.committed" if self._plan.live:
                self._open_live_turn(now_ms)
            case "response.output_audio.delta":
                self._playback.add(str(event.get("item_id")), str(event.get("response_id")), pcm)
            case "response.output_audio.done":
                self._playback.end(str(event.get("item_id")))
            case "sales_agent.playback.pause":
                self._playback.hold(str(event.get("item_id")), now_ms)
            case "sales_agent.playback.resume":
                self._playback.release()
            case "error":
                self._refused(field_of(event, "error"), now_ms)

    def _stop_listening(self) -> None:
        """The server hears the caller: the agent falls silent, and the server learns what was heard."""
        if self._replies.active is None and self._playback.is_idle:
            return
        for progress in self._playback.cut(self._replies.active):
            self._send(client_events.truncate(progress))
            self._send(client_events.playback_report(progress))

    def _refused(self, error: Event, now_ms: float) -> None:
        """An error about what this turn asked for ends the turn; others are for the view alone."""
        self._last_error = str(error.get("message"))
        cause, code = error.get("event_id"), str(error.get("code") or "server_error")
        if cause in self._asked_by and self._phase == "configuring":
            self._finish(CallFailure(code, f"The server refuses the session: {self._last_error}"))
        elif cause in self._asked_by and self._turn is not None:
            self._end_turn(code, self._last_error)
            self._next_turn(now_ms)

    def _note_conversation(self, event: Event) -> None:
        found = (
            event.get("conversation_id")
            or field_of(event, "conversation").get("id")
            or field_of(event, "response").get("conversation_id")
        )
        if isinstance(found, str):
            self.conversation_id = found

    # Turns

    def _judge(self, now_ms: float) -> None:
        if self._phase != "talking":
            if self._phase != "over" and now_ms >= SESSION_TIMEOUT_MS:
                self._finish(CallFailure("session_timeout", "The server opened no session within 10 s."))
            return
        if not (self._replies.is_settled(now_ms) and self._playback.is_idle):
            self._busy_ms = now_ms
        turn = self._turn
        if turn is None:
            if not self._plan.live or self._greets or self._turns:
                self._next_turn(now_ms)
            return
        reply = self._reply_to(turn)
        if reply is not None and reply.status == "failed":
            self._end_turn(reply.code or "response_failed", reply.message or "The server could not reply.", reply)
            self._next_turn(now_ms)
        elif reply is not None and reply.is_answer and now_ms - max(self._busy_ms, turn.asked_ms) >= SETTLE_MS:
            self._end_turn(None, None, reply)
            self._next_turn(now_ms)
        elif now_ms - max(self._progress_ms(turn, now_ms), turn.asked_ms) >= self._plan.answer_timeout_ms:
            self._time_out(now_ms)

    def _reply_to(self, turn: _OpenTurn) -> Ended | None:
        """The latest reply that ended since the turn began."""
        return self._replies.last if self._replies.last is not turn.before else None

    def _progress_ms(self, turn: _OpenTurn, now_ms: float) -> float:
        if not self._playback.is_idle:
            turn.progress_ms = now_ms
        return turn.progress_ms

    def _time_out(self, now_ms: float) -> None:
        """A server that does not answer one turn is not asked the next; a person may go on talking to it."""
        message = f"No answer within {self._plan.answer_timeout_ms / 1000:g} s."
        self._end_turn("answer_timeout", message)
        if self._plan.live:
            self._next_turn(now_ms)
        else:
            self._finish(CallFailure("answer_timeout", message))

    def _next_turn(self, now_ms: float) -> None:
        if self._greets:
            self._greets = False
            self._open_turn("greeting", "greeting", now_ms)
            self._ask(now_ms)
        elif self._turns:
            self._begin(self._turns.popleft(), now_ms)
        elif not self._plan.live:
            self._finish(None)

    def _begin(self, turn: Turn, now_ms: float) -> None:
        self._out.append(TurnBegan(turn))
        if isinstance(turn, Typed):
            self._open_turn("typed", turn.text, now_ms)
            self._ask(now_ms, client_events.typed_line(turn.text))
        else:
            assert self._line is not None, "a plan with recordings has a line"
            self._open_turn("spoken", turn.name, now_ms).asked_ms = self._line.say(turn.pcm)

    def _open_turn(self, kind: Literal["greeting", "typed", "spoken"], name: str, now_ms: float) -> _OpenTurn:
        self._turns_begun += 1
        self._turn = _OpenTurn(kind, name, self._replies.last, now_ms, now_ms)
        return self._turn

    def _open_live_turn(self, now_ms: float) -> None:
        """A person has spoken: their turn replaces what went before, which they heard enough of."""
        turn = self._turn
        if turn is not None and (reply := self._reply_to(turn)) is not None:
            self._end_turn(None, None, reply)
        self._open_turn("spoken", f"turn {self._turns_begun + 1}", now_ms)

    def _ask(self, now_ms: float, *before: Event) -> None:
        """Ask for a reply, after telling what it is to answer."""
        self._asked_by = tuple(self._send(event) for event in (*before, {"type": "response.create"}))
        self._replies.expect(now_ms)

    def _end_turn(self, failure: str | None, message: str | None, reply: Ended | None = None) -> None:
        turn, self._turn = self._turn, None
        assert turn is not None
        latency_ms = server_ms = None
        if reply is not None:
            server_ms = self._replies.server_latency_ms(reply)
            latency_ms = self._latency.get(reply.id)
            if self._plan.modality == "text" and reply.first_text_ms is not None:
                latency_ms = reply.first_text_ms - turn.asked_ms
        report = TurnReport(self._turns_begun, turn.kind, turn.name, latency_ms, server_ms, failure, message)
        self._out.append(TurnEnded(report))

    def _finish(self, failure: CallFailure | None) -> None:
        self._phase = "over"
        self._out.append(CallEnded(failure))

    # Sound

    def _speak(self, now_ms: float) -> None:
        line = self._line
        if line is None:
            return
        for frame in line.due(now_ms):
            self._mouth.spoke(frame, line.sent_ms)
            self._send(client_events.audio_frame(frame))

    def _listen(self, now_ms: float) -> None:
        pcm, onsets = self._ear.listen(now_ms)
        if pcm:
            self._out.append(Heard(pcm))
        for response_id, onset_ms in onsets.items():
            since_ms = self._asked_since_ms()
            if since_ms is not None:
                self._latency[response_id] = onset_ms - since_ms
        for progress in self._playback.due_reports(now_ms):
            self._send(client_events.playback_report(progress))

    def _asked_since_ms(self) -> float | None:
        """What the latency of the reply that is heard now counts from."""
        if self._turn is not None and self._turn.kind != "spoken":
            return self._turn.asked_ms
        return self._mouth.silent_since_ms

    def _send(self, event: Event) -> str:
        """Returns the event's id, which an error about it would name."""
        self._sent += 1
        event_id = f"call_{self._sent}"
        self._out.append(Send({**event, "event_id": event_id}))
        return event_id

    def _take(self) -> list[Action]:
        out, self._out = self._out, []
        return out
