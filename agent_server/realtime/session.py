"""The rules by which updates of a session merge, and what the core makes of the result.

Rules (OpenAI Realtime GA): only fields present change; nested objects merge, except that a ``turn_detection`` of
another type replaces the old one; ``null`` clears turn detection, noise reduction, transcription and tracing; ``""``
clears the instructions, ``[]`` the tools. Replies always carry the full effective session.
"""

from typing import Any, Literal, cast

import msgspec

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.hearing import hearing_options, language_of
from agent_server.realtime.session_limits import check_session, check_tools, token_limit
from agent_server.realtime.session_object import (
    NamedToolChoice,
    RetentionRatio,
    SemanticVadConfig,
    SessionConfig,
    format_name,
)
from pipelines.conversation.settings import (
    ConversationSettings,
    Eagerness,
    ReplySettings,
    SemanticVad,
    ServerVad,
    TurnDetection,
)
from pipelines.conversation.truncation import CONTEXT_TOKENS, Truncation
from pipelines.llm.port import NamedTool, ToolChoice, ToolSpec

MAX_SESSION_BYTES = 256 * 1024
"""As JSON: about as much as a model reads."""


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


def of_visitor(update: dict[str, Any], path: str) -> dict[str, Any]:
    """What of an update a visitor of a page may ask for: the model is the operator's. An empty value is no wish, as
    visitors are shown none; elsewhere it clears what the operator wrote. Raises ProtocolError when they want the agent
    to be another."""
    for field in VISITORS_MAY_NOT:
        if update.get(field):
            raise ProtocolError(
                "insufficient_permissions", f"Visitors may not set {path}.{field}.", param=f"{path}.{field}"
            )
    return {field: value for field, value in update.items() if field not in VISITORS_MAY_NOT}


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
    wanted = config.audio.input.transcription
    return msgspec.structs.replace(
        base,
        language=language_of(wanted, base.language),
        reply=reply_settings(config),
        turn_detection=_turn_detection(config),
        hearing=hearing_options(wanted, base.hearing),
        transcribe=wanted is not None or config.is_transcription,
        own_tools=() if config.is_transcription else base.own_tools,
        truncation=_truncation(config.truncation),
    )


def eagerness_of(config: SessionConfig) -> Eagerness:
    """How soon it takes its turn; a fixed silence says nothing of that."""
    vad = config.audio.input.turn_detection
    return vad.eagerness if isinstance(vad, SemanticVadConfig) else "auto"


def _truncation(wanted: Literal["auto", "disabled"] | RetentionRatio) -> Truncation:
    if isinstance(wanted, str):
        return Truncation(keep=None) if wanted == "disabled" else Truncation()
    return Truncation(wanted.retention_ratio, min(token_limit(wanted), CONTEXT_TOKENS))


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
    check_tools(update.get("tools"), f"{path}.tools")
    present = cast("dict[str, Any]", msgspec.to_builtins(config))
    try:
        result = msgspec.convert(_overlay(present, update), SessionConfig)
    except msgspec.ValidationError as error:
        raise _invalid(error, path) from None
    if len(msgspec.json.encode(result)) > MAX_SESSION_BYTES:
        raise ProtocolError("session_too_large", f"Settings have at most {MAX_SESSION_BYTES} bytes.", param=path)
    check_session(result, path)
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


def _invalid(error: msgspec.ValidationError, root: str) -> ProtocolError:
    message, _, path = str(error).partition(" - at `$")
    return ProtocolError("invalid_value", message + ".", param=root + path.rstrip("`"))
