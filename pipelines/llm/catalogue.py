"""What to ask for where a provider does not list the configured model: the nearest it does list. Pure.

Providers retire models within months, and a retired name is a 404 in every call.
"""

import math
import re

_SIZE = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)b(?![a-z0-9])")
_FAMILY = re.compile(r"[a-z]+")
_NO_CHAT = re.compile(
    r"embed|whisper|tts|speech|audio|realtime|image|vision-ocr|ocr|moderation|guard|rerank|transcribe|dall-e|sora"
)
_UNKNOWN_SIZE = 100.0
"""Between a known and an unknown size: farther than any two known ones are."""


def nearest(wanted: str, listed: tuple[str, ...]) -> str | None:
    """The model to use: ``wanted`` itself where it is listed, else of the same family and vendor, else of about the
    same size, the first listed among equals. None: the provider lists nothing that talks. ``wanted`` empty: whatever
    comes first."""
    if wanted in listed:
        return wanted
    talking = [name for name in listed if not _NO_CHAT.search(name.lower())]
    return min(talking, key=lambda name: _distance(wanted, name), default=None)


def _distance(wanted: str, name: str) -> tuple[bool, bool, bool, float, int]:
    wanted, name = wanted.lower(), name.lower()
    common = _common_prefix(wanted, name)
    return (
        _vendor(wanted) != _vendor(name),
        _family(wanted) != _family(name),
        _variant(wanted) != _variant(name),
        _sizes_apart(wanted, name),
        -common,
    )


def _vendor(name: str) -> str:
    """``vendor/model``, as routers have it."""
    return name.rpartition("/")[0]


def _family(name: str) -> str:
    found = _FAMILY.search(name.rpartition("/")[2])
    return found[0] if found else ""


def _variant(name: str) -> frozenset[str]:
    """Words that tell a fast model from a clever one."""
    words = set(re.split(r"[^a-z]+", name))
    return frozenset(words & {"mini", "nano", "flash", "lite", "haiku", "sonnet", "opus", "pro", "max"})


def _sizes_apart(wanted: str, name: str) -> float:
    """In powers of e."""
    sizes = [_SIZE.search(text) for text in (wanted, name)]
    if None in sizes:
        return _UNKNOWN_SIZE
    a, b = (float(size[1]) for size in sizes if size)
    return abs(math.log(a / b)) if a and b else _UNKNOWN_SIZE


def _common_prefix(a: str, b: str) -> int:
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
