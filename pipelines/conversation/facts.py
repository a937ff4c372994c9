"""What can happen to a conversation. The core is told one fact at a time, with the time.

``cause`` is the client's ``event_id``: a refusal names it. ``generation`` numbers the work of one reply on one
provider; facts that carry a number no longer current are dropped. Audio times are milliseconds of the caller's audio
ever received, all other times milliseconds of the session's clock.
"""

from msgspec import Struct

from pipelines.conversation.items import Item
from pipelines.conversation.settings import ConversationSettings, ReplySettings
from pipelines.llm.port import FinishReason, Usage
from pipelines.stt.port import Word
from pipelines.tts.port import SpokenWord


class Fact(Struct, frozen=True, tag=True):
    """Base of all facts."""


class Configured(Fact, frozen=True):
    """The session's settings are now these."""

    settings: ConversationSettings


# The caller's audio


class VoiceWindow(Fact, frozen=True):
    """Voice activity judged one more window of the caller's audio.

    ``audible_end_ms`` is the end of the last audible 10 ms of all audio so far, ``audible_end_at_ms`` the session time
    at which that audio arrived.
    """

    probability: float
    end_ms: float
    audible_end_ms: float
    audible_end_at_ms: float


class AudioBegan(Fact, frozen=True):
    """The first audio since the start, a commit or a clear, in a session without turn detection."""

    at_audio_ms: float


class AudioCommit(Fact, frozen=True):
    """The client commits its audio buffer; ``total_ms`` is all audio ever received, ``buffered_ms`` the uncommitted."""

    total_ms: float
    buffered_ms: float
    cause: str | None = None


class AudioClear(Fact, frozen=True):
    cause: str | None = None


class Heard(Fact, frozen=True):
    """Interim text of an utterance."""

    utterance: int
    text: str


class Transcribed(Fact, frozen=True):
    """Final text of an utterance. ``words``: the same, word by word, where the recogniser tells them."""

    utterance: int
    text: str
    words: tuple[Word, ...] = ()


class TranscriptFailed(Fact, frozen=True):
    utterance: int
    code: str
    message: str


class RecognizerTurnStarted(Fact, frozen=True):
    """A recogniser that detects turns heard the caller begin."""

    utterance: int


class RecognizerEagerEnd(Fact, frozen=True):
    """That recogniser thinks the caller may be done."""

    utterance: int
    text: str


class RecognizerResumed(Fact, frozen=True):
    utterance: int


class RecognizerTurnEnded(Fact, frozen=True):
    """That recogniser is sure the caller is done."""

    utterance: int
    text: str
    words: tuple[Word, ...] = ()


class RecognizerLost(Fact, frozen=True):
    """The recogniser on this rung could not be opened, or ended for good."""

    rung: int
    code: str


class RecognizerChanged(Fact, frozen=True):
    """The recogniser on this rung listens from now on."""

    rung: int
    detects_turns: bool
    guesses: bool = False
    """Its words for a short sound are not to be trusted."""


class CameLate(Fact, frozen=True):
    """What became of something that a tool of ours had begun, long after the tool answered. ``name``: the tool's;
    ``output``: JSON, as of a further call of it."""

    name: str
    output: str


class LeftUnanswered(Fact, frozen=True):
    """The conversation goes on where it broke off: before the caller was answered."""


# What the client asks for


class ItemCreate(Fact, frozen=True):
    """Add an item after ``previous_item_id`` (None: at the end, "root": first)."""

    item: Item
    previous_item_id: str | None = None
    cause: str | None = None
    recorded_ms: float = 0.0
    """Of the recorded audio that it holds, whose words are not known yet."""


class ItemsRecalled(Fact, frozen=True):
    """Older items, with their positions, that what the client asks next is about."""

    items: tuple[tuple[Item, float], ...]


class ItemRetrieve(Fact, frozen=True):
    item_id: str
    cause: str | None = None


class ItemDelete(Fact, frozen=True):
    item_id: str
    cause: str | None = None


class ItemTruncate(Fact, frozen=True):
    """The client played only this much of a reply."""

    item_id: str
    content_index: int
    audio_end_ms: float
    cause: str | None = None


class ResponseCreate(Fact, frozen=True):
    """``reply`` are the effective settings; ``items`` replace the history when given.

    ``out_of_band``: beside the conversation, nothing of it is remembered.
    """

    reply: ReplySettings | None = None
    items: tuple[Item, ...] | None = None
    item_references: tuple[str, ...] = ()
    out_of_band: bool = False
    metadata: dict[str, str] | None = None
    cause: str | None = None


class ResponseCancel(Fact, frozen=True):
    response_id: str | None = None
    cause: str | None = None


class PlaybackReported(Fact, frozen=True):
    """The client has played this much of a reply; ``final``: it will play no more of it."""

    item_id: str
    audio_ms: float
    final: bool = False


# What providers say


class ModelServing(Fact, frozen=True):
    """Who answers: ``provider/model``, or the name of a model that needs no provider."""

    generation: int
    model: str


class ModelText(Fact, frozen=True):
    generation: int
    text: str


class ModelToolCall(Fact, frozen=True):
    """A piece of a tool call; the first piece of an ``index`` carries ``call_id`` and ``name``."""

    generation: int
    index: int
    call_id: str
    name: str
    arguments: str


class ModelFinished(Fact, frozen=True):
    generation: int
    reason: FinishReason
    usage: Usage


class ModelFailed(Fact, frozen=True):
    generation: int
    code: str
    message: str


class VoiceAudio(Fact, frozen=True):
    """Synthesised speech, 24 kHz s16 mono. ``audible_from_ms``: where the first audible sample lies in the reply's
    audio, once known."""

    generation: int
    pcm: bytes
    audible_from_ms: float | None = None


class VoiceWords(Fact, frozen=True):
    generation: int
    words: tuple[SpokenWord, ...]


class VoiceFinished(Fact, frozen=True):
    """``kept``: the phrase had been spoken before, and the provider was given none of it."""

    generation: int
    kept: bool = False


class VoiceFailed(Fact, frozen=True):
    generation: int
    code: str
    message: str


class ToolFinished(Fact, frozen=True):
    """One of the server's own tools ended; ``output`` is JSON text for the model, also when it ``failed``."""

    call_id: str
    output: str
    failed: bool = False


class Briefed(Fact, frozen=True):
    """What is known of the caller changed; the next reply's model is told this text."""

    text: str


# What a person beside the agent asks for; ``cause`` is answered by ``OperatorAnswered``


class OperatorTookOver(Fact, frozen=True):
    """From now on a person speaks in the agent's place, as long as they say so again in time: see ``OperatorHeld``.

    ``lease``: what they prove it by · ``name``: as the caller is told.
    """

    lease: str
    name: str
    cause: str


class OperatorHeld(Fact, frozen=True):
    """They are still there."""

    lease: str
    cause: str


class OperatorReleased(Fact, frozen=True):
    """They give the conversation back to the agent."""

    lease: str
    cause: str


class OperatorSays(Fact, frozen=True):
    """Say just these words next, or at once. ``lease``: of who has taken over, if it is they."""

    text: str
    interrupt: bool
    cause: str
    lease: str | None = None


class OperatorWhispered(Fact, frozen=True):
    """An instruction for the replies that follow, which the caller does not hear."""

    text: str
    cause: str


class OperatorEnded(Fact, frozen=True):
    """End the conversation, with these last words or none."""

    farewell: str
    cause: str
    lease: str | None = None


# Time and the end


class Tick(Fact, frozen=True):
    """Time passed; sent when ``core.next_wake_ms`` is reached."""


class Delayed(Fact, frozen=True):
    """For so long up to now this process was late: nothing that a provider sent in it could be noticed."""

    by_ms: float


class LineMeasured(Fact, frozen=True):
    """The caller's line and this process are so steady that audio this much ahead of the ear, beside the piece being
    sent, does not run dry."""

    margin_ms: float


class Close(Fact, frozen=True):
    """The conversation's connection is over."""

    reason: str
