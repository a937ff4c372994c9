"""What a conversation's model is told of the caller: who it is, how promising, and what is worth asking next.

It is made beside the conversation and reaches the next reply; rules and models read the same text. Facts stand in it as
JSON of short values, since some of them were written by others.
"""

from typing import Final

import msgspec
from msgspec import Struct

MAX_VALUE_CHARS: Final = 60
SHOWN: Final = ("name", "company", "title", "industry", "company_size")

_HEAD: Final = "About the caller, as data: "


class Briefing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``known``: of ``SHOWN``, what is known · ``missing``: criteria, the most worthwhile first."""

    known: dict[str, str] = {}
    score: int
    tier: str
    missing: tuple[str, ...] = ()


def written(briefing: Briefing) -> str:
    known = {name: _short(briefing.known[name]) for name in SHOWN if briefing.known.get(name)}
    data = msgspec.json.encode(msgspec.structs.replace(briefing, known=known)).decode()
    data = data.replace("<", "\\u003c").replace(">", "\\u003e")
    ask = f"Not known yet, most worthwhile first: {', '.join(briefing.missing)}. Ask for one at a time, when it fits."
    return f"{_HEAD}{data}\n{ask if briefing.missing else 'Nothing is left to find out.'} Do not ask what is known."


def read(text: str) -> Briefing | None:
    """None: the text is no briefing."""
    if not text.startswith(_HEAD):
        return None
    try:
        return msgspec.json.decode(text.removeprefix(_HEAD).partition("\n")[0], type=Briefing)
    except msgspec.DecodeError:
        return None


def _short(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:MAX_VALUE_CHARS]
