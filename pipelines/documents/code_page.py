"""Which of Windows' code pages a text without Unicode is written in. Pure."""

import re
from typing import Final

import chardet

WESTERN: Final = "windows-1252"
_LATIN: Final = ("windows-1250", WESTERN, "windows-1254", "windows-1257")
_OTHER_SCRIPTS: Final = ("windows-1251", "windows-1253")
CODE_PAGES: Final = (*_LATIN, *_OTHER_SCRIPTS)
"""Central European, Western, Turkish, Baltic; Cyrillic, Greek."""

SAMPLE_BYTES: Final = 64 * 1024
_BETTER_BY: Final = 1.4
"""So much better than the Western page another has to fit: a few French or Spanish accents fit others by chance."""

_TELLING_BYTES: Final = 3
"""Fewer letters than these tell nothing."""

_WORD: Final = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_LATIN_LETTER: Final = re.compile(rb"[A-Za-z]")


def code_page_of(text: bytes) -> str:
    """One of ``CODE_PAGES``: a guess, by the letters of its languages. The Western page where nothing tells."""
    telling = b"\n".join(line for line in text.splitlines() if not line.isascii())[:SAMPLE_BYTES]
    if sum(byte >= 0x80 for byte in telling) < _TELLING_BYTES:
        return WESTERN
    pages = _LATIN if _mixes_scripts(telling) else CODE_PAGES
    fits = dict.fromkeys(pages, 0.0)
    for found in chardet.detect_all(telling, ignore_threshold=True, include_encodings=pages, compat_names=False):
        name = (found["encoding"] or "").replace("cp", "windows-")
        if name in fits:
            fits[name] = max(fits[name], found["confidence"])
    best = max(pages, key=lambda name: fits[name])
    return best if fits[best] > _BETTER_BY * fits[WESTERN] else WESTERN


def _mixes_scripts(telling: bytes) -> bool:
    """Whether Cyrillic or Greek letters would stand in one word with Latin ones, which nobody writes."""
    words = _WORD.findall(telling)
    return 2 * sum(_LATIN_LETTER.search(word) is not None for word in words) > len(words)
