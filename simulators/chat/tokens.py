"""Tokens: pieces of up to six letters with the space before them, and four characters of a prompt each."""

import re
from functools import lru_cache

_PIECE = re.compile(r"\s?\w{1,6}|\s?[^\w\s]|\s+")
PROMPT_CHARACTERS_PER_TOKEN = 4


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """The pieces a model writes a text in; joined, they are the text."""
    return tuple(_PIECE.findall(text))


def count_prompt(characters: int) -> int:
    return max(1, characters // PROMPT_CHARACTERS_PER_TOKEN)
