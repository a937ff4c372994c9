"""What an operator beside a conversation tells its model. Unlike what is known of leads, an operator is trusted: the
model is told to do as they say. Rules cannot follow orders; they read the same text for facts to answer from."""

from collections.abc import Collection
from typing import Final

import msgspec

_HEAD: Final = "From your supervisor, whom you follow at once; the caller does not hear it: "
STOOD_IN: Final = (
    "A colleague spoke with the caller in your place for a while: what they said stands above as yours. "
    "Go on from there, and do not ask or tell anything again."
)


def written(whispers: Collection[str]) -> str:
    """On one line, whatever they hold. Empty: there are none."""
    return _HEAD + msgspec.json.encode(list(whispers)).decode() if whispers else ""


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """A text for the model without what an operator told, and that."""
    rest: list[str] = []
    whispers: tuple[str, ...] = ()
    for line in text.split("\n"):
        if (told := _read(line)) is not None:
            whispers += told
        elif line != STOOD_IN:
            rest.append(line)
    return "\n".join(rest), whispers


def _read(line: str) -> tuple[str, ...] | None:
    if not line.startswith(_HEAD):
        return None
    try:
        return msgspec.json.decode(line.removeprefix(_HEAD), type=tuple[str, ...])
    except msgspec.DecodeError:
        return None
