"""Whether a conversation that broke off owes its caller an answer. Pure."""

from collections.abc import Sequence

from pipelines.conversation.caller_turn import NOISE_VOICED_MS
from pipelines.conversation.items import Item


def left_unanswered(items: Sequence[Item]) -> bool:
    """Whether the caller spoke last, and heard nothing of a reply. Who writes, sends a recording or was to run a tool
    asks for the reply."""
    for item in reversed(items):
        if item.role == "user" and not _is_noise(item):
            return _was_said(item)
        if (item.role == "assistant" and item.words) or (item.type != "message" and not item.own_tool):
            return False
    return False


def _is_noise(item: Item) -> bool:
    return not item.words and item.audio_ms < NOISE_VOICED_MS


def _was_said(item: Item) -> bool:
    """Turns alone have a length, or broke off with the line."""
    return item.parts[0].kind == "input_audio" and (item.audio_ms > 0 or item.status == "incomplete")
