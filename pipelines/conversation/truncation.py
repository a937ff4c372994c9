"""How much of a long conversation a model is given: the newest items that fit, cut so that the beginning stays the same
for many turns and providers can cache it. The record keeps everything."""

from collections.abc import Iterable

from msgspec import Struct

from pipelines.conversation.items import Item

CONTEXT_TOKENS = 24_000
"""What fits beside instructions, tools and the reply into 32 k, the smallest window of the models a call is led by."""

_CHARACTERS_A_TOKEN = 4
_TOKENS_AROUND = 4
"""Role and separators of one message."""


class Truncation(Struct, frozen=True):
    """``keep``: the share of ``limit_tokens`` that is kept when the items exceed it; None: nothing is ever left out,
    and a conversation that has grown too long gets no more replies. Tokens are estimated from characters."""

    keep: float | None = 0.8
    limit_tokens: int = CONTEXT_TOKENS


class ShownHistory:
    """Where the part that models are shown begins. It moves only when that part has grown too long."""

    def __init__(self) -> None:
        self._first: str | None = None

    def shown(self, items: Iterable[Item], rules: Truncation) -> list[Item]:
        """The newest of ``items`` that fit; the very last one always."""
        every = list(items)
        if rules.keep is None:
            return every
        start = next((index for index, item in enumerate(every) if item.id == self._first), 0)
        if tokens_of(every[start:]) <= rules.limit_tokens:
            return every[start:]
        start = _cut(every, rules.keep * rules.limit_tokens)
        self._first = every[start].id
        return every[start:]


def is_too_long(items: Iterable[Item], rules: Truncation) -> bool:
    """Whether no reply can be made, since nothing may be left out."""
    return rules.keep is None and tokens_of(items) > rules.limit_tokens


def tokens_of(items: Iterable[Item]) -> int:
    characters = [len(item.words) + len(item.arguments) + len(item.output) for item in items]
    return sum(characters) // _CHARACTERS_A_TOKEN + len(characters) * _TOKENS_AROUND


def _cut(items: list[Item], budget: float) -> int:
    """The index of the oldest item that still fits into the budget together with all after it."""
    start, used = len(items) - 1, tokens_of(items[-1:])
    while start > 0 and (used := used + tokens_of(items[start - 1 : start])) <= budget:
        start -= 1
    return start
