"""Counts the speech of one conversation: audio recognised, characters spoken, characters made by speculation for
nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from uuid import uuid4

from msgspec import Struct, structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.rim.ports import Engines
from pipelines.speech_usage.ledger import SpeechLedger
from pipelines.speech_usage.recogniser import CountedRecogniser
from storage.ledger.records import SpeechUsageRecord

_UNDECIDED = 64
"""Pieces of speech that may yet be told or not. Beyond it the oldest counts as discarded."""


class _Piece(Struct):
    """What one voice was given for one message."""

    provider: str
    item_id: str
    characters: int = 0


class _Characters(Struct):
    spoken: int = 0
    discarded: int = 0


class SpeechMeter:
    """An ``Observer``. Run the conversation on ``engines``: they are those given, with their audio counted.

    A message that was told was spoken, even where the caller cut it short; one that never was, was speculation. Totals
    are recorded after every turn and at the end, each time under the same ids, so that the last row stands.
    """

    def __init__(self, conversation_id: str, engines: Engines, ledger: SpeechLedger) -> None:
        counted = tuple(CountedRecogniser(recogniser) for recogniser in engines.recognisers)
        self.engines = structs.replace(engines, recognisers=counted)
        self._conversation_id = conversation_id
        self._ledger = ledger
        self._voices = tuple(voice.name for voice in engines.voices)
        self._audio = tuple(recogniser.count for recogniser in counted)
        self._run_id = uuid4().hex
        self._began_at = ledger.utc_now()
        self._pieces: dict[int, _Piece] = {}
        self._told: set[str] = set()
        self._characters: dict[str, _Characters] = {}

    def saw(self, fact: facts.Fact, actions: Sequence[act.Action], _now_ms: float) -> None:
        if type(fact) is facts.VoiceFinished and fact.kept and (piece := self._pieces.get(fact.generation)) is not None:
            piece.characters = 0
        for action in actions:
            handle = self._ON.get(type(action))
            if handle is not None:
                handle(self, action)
        if type(fact) is facts.Close:
            for generation in list(self._pieces):
                self._settle(generation)
            self._record()

    def _open(self, action: act.OpenVoice) -> None:
        provider = self._voices[action.rung] if action.rung < len(self._voices) else "none"
        self._pieces[action.generation] = _Piece(provider, action.item_id)
        if len(self._pieces) > _UNDECIDED:
            self._settle(next(iter(self._pieces)))

    def _speak(self, action: act.Speak) -> None:
        if (piece := self._pieces.get(action.generation)) is not None:
            piece.characters += len(action.text)

    def _stop(self, action: act.StopVoice) -> None:
        piece = self._pieces.get(action.generation)
        if piece is not None and piece.item_id not in self._told:
            self._settle(action.generation)

    def _done(self, action: act.OutputItemDone) -> None:
        for generation in [number for number, piece in self._pieces.items() if piece.item_id == action.item.id]:
            self._settle(generation)
        self._told.discard(action.item.id)

    def _settle(self, generation: int) -> None:
        piece = self._pieces.pop(generation)
        characters = self._characters.setdefault(piece.provider, _Characters())
        if piece.item_id in self._told:
            characters.spoken += piece.characters
        else:
            characters.discarded += piece.characters

    def _record(self) -> None:
        for count in self._audio:
            if count.bytes:
                self._track("stt", count.provider, audio_seconds=count.seconds)
        for provider, characters in self._characters.items():
            self._track("tts", provider, spoken=characters.spoken, discarded=characters.discarded)

    def _track(
        self,
        kind: Literal["stt", "tts"],
        provider: str,
        *,
        audio_seconds: float = 0.0,
        spoken: int = 0,
        discarded: int = 0,
    ) -> None:
        self._ledger.enter(
            SpeechUsageRecord(
                id=f"speech_{self._run_id}_{kind}_{provider}",
                provider=provider,
                kind=kind,
                conversation_id=self._conversation_id,
                audio_seconds=audio_seconds,
                characters_spoken=spoken,
                characters_discarded=discarded,
                created_at=self._began_at,
            )
        )

    _ON: ClassVar[Mapping[type[Any], Callable[["SpeechMeter", Any], None]]] = {
        act.OpenVoice: _open,
        act.Speak: _speak,
        act.StopVoice: _stop,
        act.OutputItemAdded: lambda self, action: self._told.add(action.item.id),
        act.OutputItemDone: _done,
        act.TurnTimings: lambda self, _: self._record(),
    }
