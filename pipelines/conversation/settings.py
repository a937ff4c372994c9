"""What a conversation is set to: the part of a protocol session that decides behaviour, as frozen values."""

from typing import Literal

from msgspec import Struct

from pipelines.conversation.truncation import Truncation
from pipelines.llm.port import ToolChoice, ToolSpec
from pipelines.stt.port import SttOptions
from pipelines.tools.port import ToolPolicy

Modality = Literal["audio", "text"]
Eagerness = Literal["low", "medium", "high", "auto"]


class ServerVad(Struct, frozen=True, tag="server_vad"):
    """Turns end after a fixed silence. Defaults are the protocol's."""

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    idle_timeout_ms: int | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVad(Struct, frozen=True, tag="semantic_vad"):
    """Turns end when what was said sounds finished; ``eagerness`` sets how long doubt may last. ``idle_timeout_ms`` is
    as in ``ServerVad``; the protocol has none here."""

    eagerness: Eagerness = "auto"
    idle_timeout_ms: int | None = None
    create_response: bool = True
    interrupt_response: bool = True


TurnDetection = ServerVad | SemanticVad


AudioFormatName = Literal["audio/pcm", "audio/pcmu", "audio/pcma"]


class ReplySettings(Struct, frozen=True):
    """How a reply is made. A response may override the session's."""

    instructions: str = ""
    modality: Modality = "audio"
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    max_output_tokens: int | None = None
    voice: str | None = None
    speed: float = 1.0
    audio_format: AudioFormatName = "audio/pcm"
    """How the transport encodes the audio; the conversation itself works in PCM."""


class Limits(Struct, frozen=True):
    """Deadlines of the waits on providers, and bounds. Milliseconds."""

    recognition_ms: float = 2500.0
    """So much voice of the caller's without a word from the recogniser means that it does not hear."""
    transcript_ms: float = 2000.0
    first_token_ms: float = 2500.0
    next_token_ms: float = 2000.0
    awaited_token_ms: float = 800.0
    """The same while the caller hears nothing meanwhile: what was said so far has been spoken."""
    first_audio_ms: float = 800.0
    next_audio_ms: float = 800.0
    last_rung_patience: float = 3.0
    """Behind the last rung there is nobody to go on: it is given so many times as long."""
    filler_after_ms: float = 700.0
    """Silence while a tool runs, after which the caller is told that it takes a moment."""
    news_after_ms: float = 700.0
    """Quiet on both sides, after which a late result of a tool, or what was left unanswered, is brought up."""
    operator_silent_ms: float = 20_000.0
    """A person who has taken over and is not heard of for so long is gone."""
    farewell_ms: float = 15_000.0
    """So long the last words of a conversation that is being ended may take."""
    line_silent_ms: float = 1500.0
    """No audio frame for so long while the caller seems to speak counts as silence: the client stopped sending."""
    tool_rounds: int = 6
    history_items: int = 600
    """With more in memory the oldest leave it, once nothing is under way."""
    tool_calls: int = 16

    @property
    def latest_items(self) -> int:
        """That stay then, and that a conversation is continued with. Many leave at once: providers cache the beginning
        of what models are shown, and each time it may change."""
        return self.history_items * 2 // 3


class Pacing(Struct, frozen=True):
    """How far ahead of the caller's ear audio is sent. See ``playback``."""

    lead_ms: float = 110.0
    chunk_ms: float = 80.0
    """Of each piece: half of it is what an interruption takes longer on average, each piece costs the same."""
    follows_line: bool = True
    """The lead is as long as the line needs it (see ``lead``); ``lead_ms`` until that is known."""


class OwnTool(Struct, frozen=True):
    """One of the server's own tools as a conversation handles it."""

    spec: ToolSpec
    policy: ToolPolicy = ToolPolicy()


class RecordingWords(Struct, frozen=True):
    """What a caller whose call's sound is recorded is told of it."""

    stopped: str
    """To who does not want it."""
    announcement: str = ""
    """Before anything else; empty: nothing."""


class ConversationSettings(Struct, frozen=True):
    """Everything the core needs to know of a session."""

    reply: ReplySettings = ReplySettings()
    turn_detection: TurnDetection | None = SemanticVad()
    transcribe: bool = False
    """Whether the client wants transcription events; recognition itself always runs."""
    language: str = "en"
    """What is talked, a BCP 47 tag."""
    hearing: SttOptions = SttOptions()
    recognizer_turns: bool = False
    """The recogniser decides where turns end (it hears how things are said); ``server_vad`` still means silence."""
    own_tools: tuple[OwnTool, ...] = ()
    """Offered beside the client's tools."""
    truncation: Truncation = Truncation()
    limits: Limits = Limits()
    pacing: Pacing = Pacing()
    recognizer_rungs: int = 1
    """How many recognisers stand on the fallback ladder; the first listens until it is lost."""
    model_rungs: int = 1
    """How many language models stand on the fallback ladder; the last is the playbook."""
    voice_rungs: int = 1

    def own_tool(self, name: str) -> OwnTool | None:
        return next((tool for tool in self.own_tools if tool.spec.name == name), None)

    @property
    def retrieving(self) -> frozenset[str]:
        """The own tools whose results hold what others wrote."""
        return frozenset(tool.spec.name for tool in self.own_tools if tool.policy.retrieves)
