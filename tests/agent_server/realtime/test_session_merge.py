"""The protocol's rules of how a session update merges."""

from typing import Any

import msgspec
import pytest

from agent_server.realtime.errors import ProtocolError
from agent_server.realtime.session import conversation_settings, merged, reply_settings
from agent_server.realtime.session_object import SessionConfig
from pipelines.conversation.settings import ConversationSettings, SemanticVad, ServerVad
from pipelines.conversation.truncation import CONTEXT_TOKENS, Truncation
from pipelines.llm.port import NamedTool
from pipelines.stt.port import SttOptions

BASE = SessionConfig()


def updated(*updates: dict[str, Any], config: SessionConfig = BASE) -> SessionConfig:
    for update in updates:
        config = merged(config, {"type": "realtime", **update})
    return config


def listening(turn_detection: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": turn_detection}}}


def test_only_what_is_present_changes() -> None:
    config = updated({"instructions": "Be brief."}, {"audio": {"output": {"speed": 1.2}}})
    assert config.instructions == "Be brief."
    assert config.audio.output.speed == 1.2
    assert config.audio.output.voice == BASE.audio.output.voice
    assert config.audio.input == BASE.audio.input


def test_turn_detection_of_the_same_type_merges() -> None:
    config = updated(
        listening({"type": "server_vad", "threshold": 0.7}),
        listening({"type": "server_vad", "silence_duration_ms": 300}),
    )
    vad = config.audio.input.turn_detection
    assert (vad.threshold, vad.silence_duration_ms) == (0.7, 300)  # type: ignore[union-attr]


def test_turn_detection_of_another_type_replaces() -> None:
    config = updated(listening({"type": "server_vad", "create_response": False}), listening({"type": "semantic_vad"}))
    assert config.audio.input.turn_detection == SessionConfig().audio.input.turn_detection


@pytest.mark.parametrize("field", ["turn_detection", "noise_reduction", "transcription"])
def test_null_clears(field: str) -> None:
    full = {
        "turn_detection": {"type": "server_vad"},
        "noise_reduction": {"type": "near_field"},
        "transcription": {"model": "whisper-1"},
    }
    config = updated({"audio": {"input": full}}, {"audio": {"input": {field: None}}})
    assert getattr(config.audio.input, field) is None
    others = set(full) - {field}
    assert all(getattr(config.audio.input, other) is not None for other in others)


def test_empty_values_clear_instructions_and_tools() -> None:
    tool = {"type": "function", "name": "look_up", "parameters": {}}
    config = updated({"tools": [tool], "instructions": "x"}, {"tools": [], "instructions": ""})
    assert (config.tools, config.instructions) == ((), "")


def test_tool_choice_and_tracing_are_replaced_whole() -> None:
    config = updated(
        {"tool_choice": {"type": "function", "name": "a"}, "tracing": {"workflow_name": "w", "group_id": "g"}},
        {"tool_choice": {"type": "function", "name": "b"}, "tracing": {"workflow_name": "v"}},
    )
    assert reply_settings(config).tool_choice == NamedTool("b")
    assert config.tracing == {"workflow_name": "v"}


def test_the_model_never_changes_and_the_voice_not_after_audio() -> None:
    assert updated({"model": "another"}).model == BASE.model
    voice = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}
    assert merged(BASE, voice).audio.output.voice == "cedar"
    with pytest.raises(ProtocolError) as refused:
        merged(BASE, voice, audio_was_produced=True)
    assert refused.value.code == "cannot_update_voice"


@pytest.mark.parametrize(
    ("update", "param"),
    [
        ({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}}, "session.audio.input.format.rate"),
        ({"audio": {"output": {"speed": 2}}}, "session.audio.output.speed"),
        ({"output_modalities": ["text", "audio"]}, "session.output_modalities"),
        ({"max_output_tokens": 5000}, "session.max_output_tokens"),
        (
            {"audio": {"input": {"noise_reduction": {"type": "near_field", "strength": 2}}}},
            "session.audio.input.noise_reduction.strength",
        ),
        ({"truncation": {"type": "retention_ratio", "retention_ratio": 7}}, "session.truncation.retention_ratio"),
        (
            {
                "truncation": {
                    "type": "retention_ratio",
                    "retention_ratio": 0.5,
                    "token_limits": {"post_instructions": -1},
                }
            },
            "session.truncation.token_limits.post_instructions",
        ),
        (listening({"type": "server_vad", "threshold": 2}), "session.audio.input.turn_detection.threshold"),
        (listening({"type": "telepathy"}), "session.audio.input.turn_detection.type"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "session.tools[0].type"),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused_by_its_path(update: dict[str, Any], param: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        updated(update)
    assert refused.value.param == param


def test_every_field_of_turn_detection_reaches_the_core() -> None:
    fields = {
        "threshold": 0.6,
        "prefix_padding_ms": 200,
        "silence_duration_ms": 700,
        "idle_timeout_ms": 6000,
        "create_response": False,
        "interrupt_response": False,
    }
    config = updated(listening({"type": "server_vad", **fields}))
    assert conversation_settings(config, ConversationSettings()).turn_detection == ServerVad(**fields)
    config = updated(listening({"type": "semantic_vad", "eagerness": "low", "interrupt_response": False}))
    expected = SemanticVad("low", interrupt_response=False)
    assert conversation_settings(config, ConversationSettings()).turn_detection == expected


@pytest.mark.parametrize(
    ("wanted", "truncation"),
    [
        ("auto", Truncation()),
        ("disabled", Truncation(keep=None)),
        ({"type": "retention_ratio", "retention_ratio": 0.8}, Truncation(0.8)),
        (
            {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 900}},
            Truncation(0.8, 900),
        ),
        (
            {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 10**9}},
            Truncation(0.8, CONTEXT_TOKENS),
        ),
    ],
)
def test_truncation_reaches_the_core(wanted: Any, truncation: Truncation) -> None:
    config = merged(SessionConfig(), {"type": "realtime", "truncation": wanted})
    assert conversation_settings(config, ConversationSettings()).truncation == truncation


def test_a_transcription_session_makes_no_responses() -> None:
    config = merged(BASE, {"type": "transcription"})
    detection = conversation_settings(config, ConversationSettings()).turn_detection
    assert detection is not None
    assert not detection.create_response


def test_the_shown_session_is_complete_and_can_be_sent_back() -> None:
    shown = msgspec.to_builtins(updated(listening({"type": "server_vad"}), {"instructions": "x"}))
    assert msgspec.to_builtins(merged(BASE, shown)) == shown


def test_the_words_a_client_expects_go_before_the_operators() -> None:
    base = ConversationSettings(hearing=SttOptions(keyterms=("Acme Voice",)))
    config = updated({"audio": {"input": {"transcription": {"keywords": ["Call Deck"]}}}})
    assert conversation_settings(config, base).hearing.keyterms == ("Call Deck", "Acme Voice")
    assert conversation_settings(SessionConfig(), base).hearing.keyterms == ("Acme Voice",)


def test_one_tool_at_a_time_is_the_sessions_or_a_responses_choice() -> None:
    assert reply_settings(BASE).parallel_tool_calls
    one = updated({"parallel_tool_calls": False})
    assert not reply_settings(one).parallel_tool_calls
    assert reply_settings(one, {"parallel_tool_calls": True}).parallel_tool_calls
