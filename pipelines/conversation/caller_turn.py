"""One turn of the caller's: what it is taken for, when it was heard, its utterances, their words so far, its item."""

from enum import Enum

from pipelines.stt.port import Word

NOISE_VOICED_MS = 500.0
"""A turn shorter than this that has no words was noise; a longer one was speech that nobody understood."""

ANNOUNCE_VOICED_MS = 160.0
"""With nobody else speaking there is no hurry to call a sound speech: this much voice is none of a cough or a knock."""


class TurnState(Enum):
    """What a sound of the caller's is taken for.

    ``ONSET``: perhaps a voice. ``SUSPECTED``: perhaps an interruption, the agent is held back. ``SPEAKING``: the caller
    has the floor, and the client was told so.
    """

    ONSET = "onset"
    SUSPECTED = "suspected"
    SPEAKING = "speaking"


class CallerTurn:
    """What is known of one turn of the caller's. Audio times are milliseconds of all audio received."""

    def __init__(self, start_ms: float) -> None:
        self.start_ms = start_ms
        self.state = TurnState.ONSET
        self.settling = False
        """In a pause: the recogniser was asked for the final text of what came before it."""
        self.voiced_ms = 0.0
        self.last_voice_ms = start_ms
        self.speech_end_ms = start_ms
        self.speech_end_at_ms = 0.0
        self.texts: dict[int, str] = {}
        self.words: dict[int, tuple[Word, ...]] = {}
        """Of the utterances that are settled, where the recogniser tells them."""
        self.settled: set[int] = set()
        self.heard_again = False
        """Its recogniser failed, and the next one is the first to hear all of it, or hears it once more."""
        self.recorded_ms = 0.0
        """Of what the client recorded: a recogniser of its own hears it, beside the line."""
        self.item_id = ""
        """Of the item that it becomes."""
        self.told_text = ""
        """Its words as far as the client was told them before they were final."""
        self.seemed_text = ""
        """Its words when the recogniser took it for over."""
        self.respond = False
        """It ended, and is to be answered."""
        self.ended_at_ms = 0.0
        self.awaited_from_ms = 0.0
        """Since when a recogniser is asked for the words that are not there; session time."""
        self.known_at_ms: float | None = None
        """When all of its words were there."""

    @property
    def announced(self) -> bool:
        """Whether the client was told that the caller speaks."""
        return self.state is TurnState.SPEAKING

    @property
    def text(self) -> str:
        """All utterances of the turn so far, in order."""
        return " ".join(text for text in self.texts.values() if text)

    def settle(self, utterance: int, text: str, words: tuple[Word, ...] = ()) -> None:
        """The final text of one of its utterances."""
        self.texts[utterance] = text
        self.words[utterance] = words
        self.settled.add(utterance)

    @property
    def settled_words(self) -> tuple[Word, ...]:
        """Of the whole turn, in order; none when some utterance's are not known."""
        known = [self.words.get(utterance, ()) for utterance, text in self.texts.items() if text]
        return tuple(word for words in known for word in words) if all(known) else ()

    @property
    def is_settled(self) -> bool:
        return len(self.settled) == len(self.texts)

    @property
    def unsettled(self) -> list[int]:
        """The utterances whose final text is not known."""
        return [utterance for utterance in self.texts if utterance not in self.settled]

    @property
    def is_speech(self) -> bool:
        """There is enough voice in it to be called so."""
        return self.voiced_ms >= ANNOUNCE_VOICED_MS

    @property
    def is_noise(self) -> bool:
        return not self.text and self.voiced_ms < NOISE_VOICED_MS

    @property
    def utterance(self) -> int:
        """The utterance being recognised, the last."""
        return next(reversed(self.texts))
