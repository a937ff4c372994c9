"""What the core decides is to be done. The runner carries actions out, in order.

Three kinds: work for providers, news for the client (each transport renders them its own way), records for storage.
"""

from typing import Literal

from msgspec import Struct

from pipelines.conversation.items import Item
from pipelines.conversation.settings import AudioFormatName
from pipelines.llm.port import ChatRequest, Usage
from pipelines.stt.port import Word

ResponseStatus = Literal["in_progress", "completed", "cancelled", "failed", "incomplete"]
EndReason = Literal["turn_detected", "client_cancelled", "max_output_tokens", "content_filter", "error"]


class Action(Struct, frozen=True, tag=True):
    """Base of all actions."""


# Work for the recogniser


class BeginUtterance(Action, frozen=True):
    """Recognise the audio from ``from_ms`` on (it may lie a little in the past) under this number."""

    utterance: int
    from_ms: float


class FinishUtterance(Action, frozen=True):
    """No more audio belongs to it: ask for the final text."""

    utterance: int


class AbandonUtterance(Action, frozen=True):
    utterance: int


class ReleaseAudio(Action, frozen=True):
    """The last turn is understood: no recogniser will be asked to hear it again."""


class ChangeRecognizer(Action, frozen=True):
    """Listen with the recogniser on this rung; it hears again what has no text yet, and the utterance ``again``, whose
    text was empty. ``code``: why."""

    rung: int
    code: str
    again: int | None = None


class TranscribeRecording(Action, frozen=True):
    """Recognise the audio of the item just created, apart from the live audio."""

    utterance: int


# Work for model, voice and tools


class StartModel(Action, frozen=True):
    """``rung``: the position on the fallback ladder of models, 0 the first choice."""

    generation: int
    rung: int
    request: ChatRequest


class StopModel(Action, frozen=True):
    generation: int


class OpenVoice(Action, frozen=True):
    """``item_id``: the message it is to speak. ``repeated``: other callers will hear it in the same words."""

    generation: int
    rung: int
    voice: str | None
    speed: float
    item_id: str = ""
    repeated: bool = False
    language: str = "en"


class Speak(Action, frozen=True):
    generation: int
    text: str


class FinishVoice(Action, frozen=True):
    """All text of the reply has been given."""

    generation: int


class StopVoice(Action, frozen=True):
    generation: int


class RunTool(Action, frozen=True):
    """Run one of the server's own tools. ``idempotency_key`` is the same whenever this very call is run again."""

    call_id: str
    name: str
    arguments: str
    idempotency_key: str


class CancelTool(Action, frozen=True):
    call_id: str


# News for the client


class SpeechStarted(Action, frozen=True):
    item_id: str
    audio_start_ms: int


class SpeechStopped(Action, frozen=True):
    item_id: str
    audio_end_ms: int


class AudioCommitted(Action, frozen=True):
    item_id: str
    previous_item_id: str | None


class AudioCleared(Action, frozen=True):
    pass


class IdleTimeout(Action, frozen=True):
    item_id: str
    audio_start_ms: int
    audio_end_ms: int


class ItemAdded(Action, frozen=True):
    item: Item
    previous_item_id: str | None


class ItemDone(Action, frozen=True):
    item: Item
    previous_item_id: str | None


class ItemRetrieved(Action, frozen=True):
    item: Item


class ItemDeleted(Action, frozen=True):
    item_id: str


class ItemTruncated(Action, frozen=True):
    item_id: str
    content_index: int
    audio_end_ms: int


class TranscriptDelta(Action, frozen=True):
    """Interim words of the caller: ``delta`` extends what was told before (interims that rewrite are not told)."""

    item_id: str
    delta: str


class TranscriptCompleted(Action, frozen=True):
    item_id: str
    transcript: str
    audio_ms: float
    words: tuple[Word, ...] = ()
    """Where the recogniser tells them."""


class TranscriptionFailed(Action, frozen=True):
    item_id: str
    code: str
    message: str


class Response(Struct, frozen=True):
    """A response as the client sees it at a moment."""

    id: str
    status: ResponseStatus
    modality: Literal["audio", "text"]
    output: tuple[Item, ...] = ()
    reason: EndReason | None = None
    error_code: str | None = None
    error_message: str | None = None
    usage: Usage | None = None
    metadata: dict[str, str] | None = None
    max_output_tokens: int | None = None
    voice: str | None = None
    audio_format: AudioFormatName = "audio/pcm"
    out_of_band: bool = False


class ResponseCreated(Action, frozen=True):
    response: Response


class OutputItemAdded(Action, frozen=True):
    """``previous_item_id`` is meaningless out of band, where no item joins the conversation."""

    response_id: str
    output_index: int
    item: Item
    previous_item_id: str | None
    out_of_band: bool


class OutputTextDelta(Action, frozen=True):
    response_id: str
    item_id: str
    output_index: int
    delta: str


class OutputTranscriptDelta(Action, frozen=True):
    response_id: str
    item_id: str
    output_index: int
    delta: str


class OutputAudioDelta(Action, frozen=True):
    response_id: str
    item_id: str
    output_index: int
    pcm: bytes


class OutputArgumentsDelta(Action, frozen=True):
    response_id: str
    item_id: str
    output_index: int
    call_id: str
    delta: str


class OutputItemDone(Action, frozen=True):
    response_id: str
    output_index: int
    item: Item
    previous_item_id: str | None
    out_of_band: bool


class ResponseDone(Action, frozen=True):
    response: Response


class RecordingChanged(Action, frozen=True):
    """What becomes of the recording of the call's sound, for clients that show it."""

    state: str


class PausePlayback(Action, frozen=True):
    """The caller may be interrupting: hold the reply where it is until that is decided."""

    item_id: str


class ResumePlayback(Action, frozen=True):
    item_id: str


class StopPlayback(Action, frozen=True):
    """Somebody breaks in on the agent's side: what was sent of the message and not played is not to be."""

    item_id: str


class OperatorChanged(Action, frozen=True):
    """Who speaks with the caller: a person of this name, or the agent again (None). ``lapsed``: the person did not give
    it back, but was not heard of for too long."""

    name: str | None
    lapsed: bool = False


class OperatorAnswered(Action, frozen=True):
    """What a person beside the agent asked for is done or on its way, or refused with a ``code``."""

    cause: str
    code: str | None = None
    message: str = ""


class HangUp(Action, frozen=True):
    """An operator ended the conversation, and what was to be said has been."""


class ToolStarted(Action, frozen=True):
    call_id: str
    name: str


class ToolEnded(Action, frozen=True):
    call_id: str
    name: str
    failed: bool
    latency_ms: float


class TurnTimings(Action, frozen=True):
    """What one reply took, on the session's clock. None: that stage did not occur."""

    item_id: str
    speech_end_ms: float | None
    turn_end_ms: float | None
    transcript_ms: float | None
    model_start_ms: float | None
    first_token_ms: float | None
    first_audio_ms: float | None
    sent_ms: float | None
    response_latency_ms: float | None
    speculated: bool
    interrupted: bool
    model_rung: int
    voice_rung: int
    model: str | None = None
    """Who answered, as ``provider/model``."""
    recognizer_rung: int = 0
    voice: str | None = None
    recognizer: str | None = None
    """Their names, which only the runner knows."""


class Refused(Action, frozen=True):
    """A client's request could not be done; the session lives on."""

    code: str
    message: str
    param: str | None = None
    cause: str | None = None


# Records


class ToldOfRecording(Action, frozen=True):
    """This message, whose first audio follows, begins with what the caller has to know of the call's recording."""

    item_id: str


class Remember(Action, frozen=True):
    """The item's lasting state changed. ``progress``: only how much of it was heard so far."""

    item: Item
    position: float
    progress: bool = False


class Forget(Action, frozen=True):
    """The client deleted the item."""

    item_id: str


class LetGo(Action, frozen=True):
    """These items are on record, and no longer at hand."""

    item_ids: tuple[str, ...]
