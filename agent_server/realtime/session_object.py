"""The session object of the protocol, as a client is shown it."""

from typing import Any, Literal, cast

from msgspec import UNSET, Struct, UnsetType

from pipelines.conversation.settings import AudioFormatName
from pipelines.language.tags import ENGLISH, name_of


def manner(language: str = ENGLISH, *, qualifies: bool = True) -> str:
    """How an agent talks, and what for. ``qualifies`` False: its operator does not want to know more than the need, or
    asks questions of their own."""
    more = ", how large their team is, their budget, who decides and when," if qualifies else ","
    return (
        f"You are a friendly sales agent on a live call. Answer briefly, in plain spoken {name_of(language)}, one"
        f" question at a time. Find out what the caller needs{more} and offer a meeting."
    )


DEFAULT_INSTRUCTIONS = manner()


class PcmFormat(Struct, frozen=True, tag="audio/pcm"):
    rate: Literal[24000] = 24000


class PcmuFormat(Struct, frozen=True, tag="audio/pcmu"):
    pass


class PcmaFormat(Struct, frozen=True, tag="audio/pcma"):
    pass


AudioFormat = PcmFormat | PcmuFormat | PcmaFormat


def format_name(audio_format: AudioFormat) -> AudioFormatName:
    return cast("AudioFormatName", audio_format.__struct_config__.tag)


Effort = Literal["minimal", "low", "medium", "high", "xhigh"]


class NoiseReduction(Struct, frozen=True):
    type: Literal["near_field", "far_field"]
    strength: float | UnsetType = UNSET


class Transcription(Struct, frozen=True):
    model: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    delay: Effort | UnsetType = UNSET


class ServerVadConfig(Struct, frozen=True, tag="server_vad"):
    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    idle_timeout_ms: int | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVadConfig(Struct, frozen=True, tag="semantic_vad"):
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


class InputConfig(Struct, frozen=True):
    format: AudioFormat = PcmFormat()
    noise_reduction: NoiseReduction | None = None
    transcription: Transcription | None = None
    turn_detection: ServerVadConfig | SemanticVadConfig | None = SemanticVadConfig()


class OutputConfig(Struct, frozen=True):
    format: AudioFormat = PcmFormat()
    voice: str | dict[str, str] = "marin"
    speed: float = 1.0


class AudioConfig(Struct, frozen=True):
    input: InputConfig = InputConfig()
    output: OutputConfig = OutputConfig()


class FunctionTool(Struct, frozen=True, tag="function"):
    name: str
    description: str = ""
    parameters: dict[str, Any] = {}


class NamedToolChoice(Struct, frozen=True):
    type: Literal["function"]
    name: str


class TokenLimits(Struct, frozen=True):
    post_instructions: int | UnsetType = UNSET


class RetentionRatio(Struct, frozen=True):
    type: Literal["retention_ratio"]
    retention_ratio: float
    token_limits: TokenLimits | UnsetType = UNSET


class Reasoning(Struct, frozen=True):
    effort: Effort | UnsetType | None = UNSET


class SessionConfig(Struct, frozen=True):
    """A session's effective settings, as the protocol shows them."""

    type: Literal["realtime", "transcription"] = "realtime"
    model: str = "sales-agent"
    output_modalities: tuple[Literal["audio", "text"], ...] = ("audio",)
    instructions: str = DEFAULT_INSTRUCTIONS
    audio: AudioConfig = AudioConfig()
    tools: tuple[FunctionTool, ...] = ()
    tool_choice: Literal["none", "auto", "required"] | NamedToolChoice = "auto"
    max_output_tokens: int | Literal["inf"] = "inf"
    tracing: Literal["auto"] | dict[str, Any] | None = None
    truncation: Literal["auto", "disabled"] | RetentionRatio = "auto"
    parallel_tool_calls: bool | UnsetType = UNSET
    reasoning: Reasoning | UnsetType | None = UNSET
    prompt: dict[str, Any] | UnsetType | None = UNSET
    include: list[Literal["item.input_audio_transcription.logprobs"]] | UnsetType | None = UNSET

    @property
    def is_transcription(self) -> bool:
        return self.type == "transcription"

    @property
    def tells_logprobs(self) -> bool:
        """Whether transcripts come with how sure the recogniser is of each word."""
        return bool(self.include)
