"""The session object of the protocol: defaults, the rules by which updates merge, and what the core makes of it.

Rules (OpenAI Realtime GA): only fields present change; nested objects merge, except that a ``turn_detection`` of
another type replaces the old one; ``null`` clears turn detection, noise reduction, transcription and tracing; ``""``
clears the instructions, ``[]`` the tools. Replies always carry the full effective session.
"""

from typing import Any, Literal, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from agent_server.realtime.errors import ProtocolError
from pipelines.conversation.settings import (
    AudioFormatName,
    ConversationSettings,
    ReplySettings,
    SemanticVad,
    ServerVad,
    TurnDetection,
)
from pipelines.conversation.truncation import CONTEXT_TOKENS, Truncation
from pipelines.llm.port import NamedTool, ToolChoice, ToolSpec
from pipelines.stt.keyterms import keyterms
from pipelines.stt.port import SttOptions

DEFAULT_INSTRUCTIONS = (
    "You are a friendly sales agent on a live call. Answer briefly, in plain spoken English, one question at a time. "
    "Find out what the caller needs, how large their team is, their budget, who decides and when, and offer a meeting."
)
MAX_INSTRUCTIONS = 64_000
MAX_TOOLS = 128
MAX_SESSION_BYTES = 256 * 1024
"""As JSON: about as much as a model reads."""


class PcmFormat(Struct, frozen=True, tag="audio/pcm"):
    rate: Literal[24000] = 24000


class PcmuFormat(Struct, frozen=True, tag="audio/pcmu"):
    pass


class PcmaFormat(Struct, frozen=True, tag="audio/pcma"):
    pass


AudioFormat = PcmFormat | PcmuFormat | PcmaFormat


def format_name(audio_format: AudioFormat) -> AudioFormatName:
    return cast("AudioFormatName", audio_format.__struct_config__.tag)


class NoiseReduction(Struct, frozen=True):
    type: Literal["near_field", "far_field"]
    strength: float | UnsetType = UNSET


class Transcription(Struct, frozen=True):
    model: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    delay: str | int | UnsetType = UNSET


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
    reasoning: dict[str, Any] | UnsetType = UNSET
    prompt: dict[str, Any] | UnsetType | None = UNSET
    include: list[str] | UnsetType | None = UNSET

    @property
    def is_transcription(self) -> bool:
        return self.type == "transcription"


def merged(config: SessionConfig, update: dict[str, Any], *, audio_was_produced: bool = False) -> SessionConfig:
    """The session after an update. Raises ProtocolError; then nothing has changed."""
    if "type" not in update:
        raise ProtocolError(
            "missing_required_parameter", "Missing required field 'session.type'.", param="session.type"
        )
    update = {key: value for key, value in update.items() if key != "model"}  # a session's model never changes
    result = _overlaid(config, update, "session")
    if audio_was_produced and result.audio.output.voice != config.audio.output.voice:
        raise ProtocolError(
            "cannot_update_voice",
            "The voice cannot change once audio was produced.",
            param="session.audio.output.voice",
        )
    return result


def effective_session(defaults: SessionConfig, session: dict[str, Any]) -> SessionConfig:
    """What a session of a client secret starts from: here the model may be named. Raises ProtocolError."""
    config = merged(defaults, session)
    model = session.get("model")
    return msgspec.structs.replace(config, model=model[:128]) if isinstance(model, str) and model else config


VISITORS_MAY_NOT = ("instructions", "tools", "prompt")


def check_visitor(update: dict[str, Any], path: str) -> None:
    """Raises ProtocolError when a visitor of a page wants the agent to be another: the model is the operator's."""
    for field in VISITORS_MAY_NOT:
        if update.get(field):
            raise ProtocolError(
                "insufficient_permissions", f"Visitors may not set {path}.{field}.", param=f"{path}.{field}"
            )


def reply_settings(config: SessionConfig, override: dict[str, Any] | None = None) -> ReplySettings:
    """How a reply is made, with one response's overrides (fields of ``response.create``). Raises ProtocolError."""
    if override:
        config = _overlaid(config, override, "response")
    limit = config.max_output_tokens
    choice = config.tool_choice
    output = config.audio.output
    return ReplySettings(
        instructions=config.instructions,
        modality=config.output_modalities[0],
        tools=tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in config.tools),
        tool_choice=NamedTool(choice.name) if isinstance(choice, NamedToolChoice) else cast("ToolChoice", choice),
        parallel_tool_calls=config.parallel_tool_calls is not False,
        max_output_tokens=limit if isinstance(limit, int) else None,
        voice=output.voice if isinstance(output.voice, str) else output.voice.get("id"),
        speed=output.speed,
        audio_format=format_name(output.format),
    )


def conversation_settings(config: SessionConfig, base: ConversationSettings) -> ConversationSettings:
    """What the core is set to; ``base`` holds what the server decides (limits, pacing, tools, ladders)."""
    return msgspec.structs.replace(
        base,
        reply=reply_settings(config),
        turn_detection=_turn_detection(config),
        hearing=_hearing(config.audio.input.transcription, base.hearing),
        transcribe=config.audio.input.transcription is not None or config.is_transcription,
        own_tools=() if config.is_transcription else base.own_tools,
        truncation=_truncation(config.truncation),
    )


def _hearing(wanted: Transcription | None, base: SttOptions) -> SttOptions:
    """The client's words to expect, and the operator's."""
    if wanted is None or not wanted.keywords:
        return base
    return msgspec.structs.replace(base, keyterms=keyterms(wanted.keywords, base.keyterms))


def _truncation(wanted: Literal["auto", "disabled"] | RetentionRatio) -> Truncation:
    if isinstance(wanted, str):
        return Truncation(keep=None if wanted == "disabled" else 1.0)
    return Truncation(wanted.retention_ratio, min(_token_limit(wanted), CONTEXT_TOKENS))


def _token_limit(wanted: RetentionRatio) -> int:
    limit = UNSET if wanted.token_limits is UNSET else wanted.token_limits.post_instructions
    return CONTEXT_TOKENS if limit is UNSET else limit


def _turn_detection(config: SessionConfig) -> TurnDetection | None:
    vad = config.audio.input.turn_detection
    if vad is None:
        return None
    create = vad.create_response and not config.is_transcription
    if isinstance(vad, SemanticVadConfig):
        return SemanticVad(vad.eagerness, create_response=create, interrupt_response=vad.interrupt_response)
    return ServerVad(
        threshold=vad.threshold,
        prefix_padding_ms=vad.prefix_padding_ms,
        silence_duration_ms=vad.silence_duration_ms,
        idle_timeout_ms=vad.idle_timeout_ms,
        create_response=create,
        interrupt_response=vad.interrupt_response,
    )


def _overlaid(config: SessionConfig, update: dict[str, Any], path: str) -> SessionConfig:
    """``path``: where the update stands in the client's event. Raises ProtocolError."""
    _check_tools(update.get("tools"), f"{path}.tools")
    present = cast("dict[str, Any]", msgspec.to_builtins(config))
    try:
        result = msgspec.convert(_overlay(present, update), SessionConfig)
    except msgspec.ValidationError as error:
        raise _invalid(error, path) from None
    _check_ranges(result, path)
    if len(msgspec.json.encode(result)) > MAX_SESSION_BYTES:
        raise ProtocolError("session_too_large", f"Settings have at most {MAX_SESSION_BYTES} bytes.", param=path)
    return result


def _overlay(base: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    """Merge nested objects; whatever is tagged with a ``type`` replaces a value of another type."""
    result = dict(base)
    for key, value in update.items():
        old = result.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and _merges(key, value, old):
            result[key] = _overlay(old, value)
        else:
            result[key] = value
    return result


def _merges(key: str, value: dict[str, Any], old: dict[str, Any]) -> bool:
    return key not in _WHOLE and ("type" not in value or value["type"] == old.get("type"))


_WHOLE = frozenset({"tool_choice", "tracing", "truncation", "voice", "prompt", "metadata"})
"""Values that replace the old one even when both are objects."""


def _check_tools(tools: Any, path: str) -> None:
    if not isinstance(tools, list):
        return
    if len(tools) > MAX_TOOLS:
        raise ProtocolError("invalid_value", f"At most {MAX_TOOLS} tools are allowed.", param=path)
    for index, tool in enumerate(tools):
        if isinstance(tool, dict) and tool.get("type") == "mcp":
            raise ProtocolError(
                "unsupported_tool", "MCP tools are not supported; use functions.", param=f"{path}[{index}].type"
            )


def _check_ranges(config: SessionConfig, path: str) -> None:
    """Ranges the protocol states."""
    limit = config.max_output_tokens
    vad = config.audio.input.turn_detection
    truncation = config.truncation
    noise = config.audio.input.noise_reduction
    rules: list[tuple[bool, str, str]] = [
        (
            not isinstance(truncation, RetentionRatio) or 0.0 <= truncation.retention_ratio <= 1.0,
            "truncation.retention_ratio",
            "must be 0 to 1",
        ),
        (
            not isinstance(truncation, RetentionRatio) or _token_limit(truncation) >= 0,
            "truncation.token_limits.post_instructions",
            "must be at least 0",
        ),
        (
            noise is None or noise.strength is UNSET or 0.0 <= noise.strength <= 1.0,
            "audio.input.noise_reduction.strength",
            "must be 0 to 1",
        ),
        (len(config.output_modalities) == 1, "output_modalities", "must be ['audio'] or ['text']"),
        (limit == "inf" or 1 <= limit <= 4096, "max_output_tokens", "must be 1 to 4096 or 'inf'"),
        (0.25 <= config.audio.output.speed <= 1.5, "audio.output.speed", "must be 0.25 to 1.5"),
        (
            len(config.instructions) <= MAX_INSTRUCTIONS,
            "instructions",
            f"must be at most {MAX_INSTRUCTIONS} characters",
        ),
    ]
    if isinstance(vad, ServerVadConfig):
        where = "audio.input.turn_detection"
        rules += [
            (0.0 <= vad.threshold <= 1.0, f"{where}.threshold", "must be 0 to 1"),
            (0 <= vad.prefix_padding_ms <= 2000, f"{where}.prefix_padding_ms", "must be 0 to 2000"),
            (100 <= vad.silence_duration_ms <= 10_000, f"{where}.silence_duration_ms", "must be 100 to 10000"),
            (
                vad.idle_timeout_ms is None or 1000 <= vad.idle_timeout_ms <= 120_000,
                f"{where}.idle_timeout_ms",
                "must be 1000 to 120000 or null",
            ),
        ]
    for holds, field, rule in rules:
        if not holds:
            raise ProtocolError("invalid_value", f"{path}.{field} {rule}.", param=f"{path}.{field}")


def _invalid(error: msgspec.ValidationError, root: str) -> ProtocolError:
    message, _, path = str(error).partition(" - at `$")
    return ProtocolError("invalid_value", message + ".", param=root + path.rstrip("`"))
