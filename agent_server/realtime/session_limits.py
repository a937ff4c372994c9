"""What a session may be set to: the ranges the protocol states, and what of it this server does not have."""

from typing import Any

from msgspec import UNSET

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session_object import (
    RetentionRatio,
    ServerVadConfig,
    SessionConfig,
)
from pipelines.conversation.truncation import CONTEXT_TOKENS

MAX_INSTRUCTIONS = 64_000
MAX_TOOLS = 128
QUICK = frozenset({"minimal", "low"})
"""The efforts and delays that ask for no more time than is taken anyway."""


def token_limit(wanted: RetentionRatio) -> int:
    limit = UNSET if wanted.token_limits is UNSET else wanted.token_limits.post_instructions
    return CONTEXT_TOKENS if limit is UNSET else limit


def check_tools(tools: Any, path: str) -> None:
    if not isinstance(tools, list):
        return
    if len(tools) > MAX_TOOLS:
        raise ProtocolError("invalid_value", f"At most {MAX_TOOLS} tools are allowed.", param=path)
    for index, tool in enumerate(tools):
        if isinstance(tool, dict) and tool.get("type") == "mcp":
            raise ProtocolError(
                "unsupported_tool", "MCP tools are not supported; use functions.", param=f"{path}[{index}].type"
            )


def check_session(config: SessionConfig, path: str) -> None:
    """Raises ProtocolError."""
    _check_ranges(config, path)
    _check_support(config, path)


def _check_support(config: SessionConfig, path: str) -> None:
    """What would have no effect is refused, with what to do instead."""
    if config.prompt:
        raise ProtocolError(
            "prompt_not_found",
            f"No prompt templates are kept here; put the text, its variables filled in, into {path}.instructions.",
            param=f"{path}.prompt",
        )
    effort = config.reasoning.effort if config.reasoning else None
    if effort and effort not in QUICK:
        raise ProtocolError(
            "unsupported_value",
            "A caller waits for the answer: models think as little as they can, which is 'minimal' or 'low'.",
            param=f"{path}.reasoning.effort",
        )
    transcription = config.audio.input.transcription
    if transcription and transcription.delay and transcription.delay not in QUICK:
        raise ProtocolError(
            "unsupported_value",
            "Transcripts are told as soon as they are known, which is 'minimal' or 'low'.",
            param=f"{path}.audio.input.transcription.delay",
        )


def _check_ranges(config: SessionConfig, path: str) -> None:
    """Those the protocol states."""
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
            not isinstance(truncation, RetentionRatio) or token_limit(truncation) >= 0,
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
