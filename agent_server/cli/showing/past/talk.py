"""One conversation of the past, as the playbook leads it, and the rows that it leaves. Pure: time is passed in."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Struct

from agent_server.cli.showing.cast import Visit
from agent_server.cli.showing.typed_visit import Pace
from pipelines.intent.classifier import classify
from pipelines.llm.port import ChatRequest, Message, ToolCall
from pipelines.playbook.model import Playbook
from pipelines.playbook.tools import BOOK_MEETING, HANDOFF_TO_PERSON, OPT_OUT, UPDATE_LEAD
from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord
from storage.ledger.records import SpeechUsageRecord

EffectName = Literal["book_meeting", "opt_out", "handoff_to_person", "update_lead"]

RECOGNISER: Final = "deepgram-flux"
VOICE: Final = "espeak"
MODEL: Final = "playbook"

_TOOLS: Final = (BOOK_MEETING, OPT_OUT, HANDOFF_TO_PERSON, UPDATE_LEAD)
_MOST_CALLS_A_TURN: Final = 4
_LETTER_MS: Final = 60.0
"""Of speech, by either side."""

_PACE: Final = Pace()
_END_OF_TURN_MS: Final = (195.0, 265.0, 205.0)
"""From the end of speech, as the simulated recogniser tells it: least, most, usual."""

_FIRST_TOKEN_MS: Final = (2.0, 14.0, 4.0)
_FIRST_AUDIO_MS: Final = (25.0, 90.0, 35.0)
_TOOL_MS: Final = 5.0
_LATE: Final = 0.03
"""So many replies met a busy moment."""


class Effect(Struct, frozen=True):
    """What the agent did. ``id`` is its call's."""

    at: datetime
    id: str
    name: EffectName
    arguments: dict[str, Any]


class HeldTalk(Struct, frozen=True, kw_only=True):
    conversation: ConversationRecord
    items: tuple[ItemRecord, ...]
    turns: tuple[TurnRecord, ...]
    effects: tuple[Effect, ...]
    usage: tuple[SpeechUsageRecord, ...]


class Calendar:
    """Of the past: which times were taken. ``now`` is the talk's moment."""

    def __init__(self, now: datetime, free: Callable[[datetime], Sequence[datetime]]) -> None:
        self.now = now
        self._free = free
        self._taken: set[datetime] = set()

    def times(self, now: datetime) -> Sequence[datetime]:
        return [each for each in self._free(now) if each not in self._taken]

    def take(self, start: datetime) -> None:
        self._taken.add(start)


class Memory:
    """Holds conversations with one playbook, one after the other."""

    def __init__(self, calendar: Calendar, random: Random) -> None:
        self.calendar = calendar
        self.random = random
        self.playbook = Playbook(clock=lambda: calendar.now, free_slots=calendar.times)

    def hold(
        self, visit: Visit, began_at: datetime, instructions: str, *, lead_id: UUID | None, metadata: dict[str, str]
    ) -> HeldTalk:
        """Until the visitor has said all their lines."""
        self.calendar.now = began_at
        talk = _Talk(self, visit, began_at, instructions)
        talk.answer()
        for line in visit.lines:
            talk.hear(line.text)
            talk.answer()
            talk.wait(line.stays_s)
        return talk.over(lead_id, metadata)

    def say(self, words: str, began_at: datetime, *, lead_id: UUID | None, metadata: dict[str, str]) -> HeldTalk:
        """To a voicemail, and nobody answers."""
        nobody = Visit(id="voicemail", name="", door="phone", lines=())
        talk = _Talk(self, nobody, began_at, "")
        talk.say(words)
        return talk.over(lead_id, metadata)


class _Talk:
    def __init__(self, memory: Memory, visit: Visit, began_at: datetime, instructions: str) -> None:
        self._playbook, self._calendar, self._random = memory.playbook, memory.calendar, memory.random
        self._visit = visit
        self._spoken = visit.door == "phone"
        self._began_at = self._at = began_at
        self._messages = [Message("system", instructions)] if instructions else []
        self._has_asked = False
        self._id = _id("conv", self._random)
        self._items: list[ItemRecord] = []
        self._turns: list[TurnRecord] = []
        self._effects: list[Effect] = []
        self._heard_s = 0.0
        self._characters = 0

    def hear(self, words: str) -> None:
        """The visitor reads or has listened, thinks, and says a line."""
        read = self._items[-1].heard_text if self._items else ""
        if self._spoken:
            self._pass(self._random.uniform(500, 1600))
            long_ms = len(words) * _LETTER_MS
            self._heard_s += long_ms / 1000
        else:
            self._pass(1000 * min(_PACE.most_s, len(read.split()) * _PACE.word_s) + self._random.uniform(300, 2500))
            long_ms = len(words) * _PACE.letter_s * 1000
        self._pass(long_ms)
        intent = classify(words)
        self._add(
            role="user",
            content=[{"type": "input_audio" if self._spoken else "input_text", "text": words}],
            heard_text=words,
            audio_ms=long_ms if self._spoken else None,
            intent=intent.label,
            intent_confidence=intent.confidence,
        )
        self._messages.append(Message("user", words))
        self._has_asked = True

    def answer(self) -> None:
        """All that the agent says and does, until it waits for the visitor."""
        for _ in range(_MOST_CALLS_A_TURN):
            reply = self._playbook.reply(ChatRequest(tuple(self._messages), tools=_TOOLS))
            self._messages.append(Message("assistant", reply.text, reply.calls))
            if reply.text:
                self.say(reply.text)
            for call in reply.calls:
                self._messages.append(Message("tool", self._act(call), tool_call_id=call.call_id))
            if not reply.calls:
                return

    def say(self, words: str) -> None:
        timings, latency_ms = self._timings()
        self._pass(latency_ms)
        began = self._at
        long_ms = len(words) * _LETTER_MS if self._spoken else 0.0
        self._pass(long_ms)
        self._characters += len(words) if self._spoken else 0
        item = self._add(
            role="assistant",
            generated_text=words,
            synthesised_text=words if self._spoken else "",
            sent_text=words,
            heard_text=words,
            audio_ms=long_ms or None,
            heard_ms=long_ms or None,
        )
        self._has_asked = False
        timings["sent_ms"] = max(timings["first_audio_ms"], round(self._ms(), 1))
        self._turns.append(
            TurnRecord(item_id=item.id, response_latency_ms=round(latency_ms, 1), timings=timings, created_at=began)
        )

    def wait(self, seconds: float) -> None:
        self._pass(seconds * 1000)

    def over(self, lead_id: UUID | None, metadata: dict[str, str]) -> HeldTalk:
        self._pass(self._random.uniform(400, 1500))
        seconds = self._ms() / 1000
        used: dict[Literal["stt", "tts"], tuple[str, float, int]] = {
            "stt": (RECOGNISER, seconds, 0),
            "tts": (VOICE, 0.0, self._characters),
        }
        return HeldTalk(
            conversation=ConversationRecord(
                id=self._id,
                channel=self._visit.door,
                status="closed",
                lead_id=lead_id,
                metadata=metadata,
                agent="default",
                session={"type": "realtime", "output_modalities": ["audio" if self._spoken else "text"]},
                created_at=self._began_at,
                updated_at=self._at,
                ended_at=self._at,
            ),
            items=tuple(self._items),
            turns=tuple(self._turns),
            effects=tuple(self._effects),
            usage=tuple(
                SpeechUsageRecord(
                    id=_id("speech", self._random),
                    provider=provider,
                    kind=kind,
                    conversation_id=self._id,
                    lead_id=lead_id,
                    audio_seconds=seconds,
                    characters_spoken=characters,
                    created_at=self._at,
                )
                for kind, (provider, seconds, characters) in used.items()
                if self._spoken
            ),
        )

    def _act(self, call: ToolCall) -> str:
        """What the tool answers."""
        arguments = msgspec.json.decode(call.arguments)
        name = msgspec.convert(call.name, EffectName)
        call_id = _id("call", self._random)
        self._add(type="function_call", call_id=call_id, name=name, arguments=call.arguments, own_tool=True)
        self._effects.append(Effect(self._at, call_id, name, arguments))
        self._pass(_TOOL_MS)
        if name == "book_meeting":
            self._calendar.take(datetime.fromisoformat(arguments["start"]))
        output = msgspec.json.encode(_OUTPUTS[name] | ({"start": arguments["start"]} if "start" in arguments else {}))
        self._add(type="function_call_output", call_id=call_id, output=output.decode(), own_tool=True)
        return output.decode()

    def _timings(self) -> tuple[dict[str, Any], float]:
        """And how long the visitor waited, in ms. To the agent's first words there is no end of speech."""
        token = self._random.triangular(*_FIRST_TOKEN_MS)
        busy = self._random.uniform(1.3, 2.2) if self._random.random() < _LATE else 1.0
        at = self._ms()
        if not self._spoken:
            latency = token * busy
            first_token = first_audio = at + latency
            turn_end, model_start = None, at
        else:
            audio = self._random.triangular(*_FIRST_AUDIO_MS) * busy
            turn_end = at + self._random.triangular(*_END_OF_TURN_MS) * busy if self._has_asked else None
            model_start = at + 20.0
            first_token = model_start + token
            first_audio = max(first_token + audio, turn_end or 0.0)
            latency = first_audio - at + (self._random.uniform(4, 30) if self._has_asked else 0.0)
        figures = {
            "speech_end_ms": at,
            "turn_end_ms": turn_end,
            "transcript_ms": turn_end,
            "model_start_ms": model_start,
            "first_token_ms": first_token,
            "first_audio_ms": first_audio,
        }
        return {
            **{name: round(ms, 1) if ms is not None else None for name, ms in figures.items()},
            "speculated": turn_end is not None,
            "interrupted": False,
            "model_rung": 0,
            "voice_rung": 0,
            "recognizer_rung": 0,
            "model": MODEL,
            "voice": VOICE,
            "recognizer": RECOGNISER,
        }, latency

    def _add(self, **fields: Any) -> ItemRecord:
        item = ItemRecord(
            id=_id("item", self._random),
            position=float(len(self._items) + 1),
            channel=self._visit.door,
            modality="audio" if self._spoken else "text",
            created_at=self._at,
            updated_at=self._at,
            **fields,
        )
        self._items.append(item)
        return item

    def _pass(self, ms: float) -> None:
        self._at += timedelta(milliseconds=ms)

    def _ms(self) -> float:
        return (self._at - self._began_at) / timedelta(milliseconds=1)


_OUTPUTS: Final[dict[EffectName, dict[str, Any]]] = {
    "book_meeting": {"booked": True, "invitation": "none is sent"},
    "opt_out": {"suppressed": True},
    "handoff_to_person": {"handed_over": True},
    "update_lead": {"noted": True},
}
assert _OUTPUTS.keys() == set(get_args(EffectName))


def _id(kind: str, random: Random) -> str:
    return f"{kind}_{random.getrandbits(96):024x}"
