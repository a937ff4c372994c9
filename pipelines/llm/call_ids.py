"""Ids of tool calls where a provider refuses what another gave, or a client made up. Pure.

A conversation goes on with the next provider in the middle: vLLM's ids have 46 characters, of which OpenAI takes 40;
Kimi's are ``functions.name:0``, which Anthropic refuses.
"""

import re
from hashlib import blake2s
from typing import Final

OPENAI_MOST: Final = 40
_ANTHROPIC: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def for_openai(call_id: str) -> str:
    return call_id if 0 < len(call_id) <= OPENAI_MOST else _other(call_id)


def for_anthropic(call_id: str) -> str:
    return call_id if _ANTHROPIC.fullmatch(call_id) is not None else _other(call_id)


def _other(call_id: str) -> str:
    """The same for the call and for its result."""
    return f"call_{blake2s(call_id.encode(), digest_size=16).hexdigest()}"
