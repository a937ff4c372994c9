"""Full names to first and last and back, for providers that keep one name only."""

_PARTICLES = frozenset("al bin da de del della den der di dos du el ibn la le van von zu zum zur".split(" "))
"""Words that begin a last name."""


def tidy(text: str | None) -> str | None:
    """Without surrounding and doubled spaces, and without NUL, which no database takes; None when nothing is left."""
    return " ".join(text.replace("\0", " ").split()) or None if text else None


def joined(first: str | None, last: str | None) -> str | None:
    """The full name, or None when both parts are unknown."""
    return tidy(f"{first or ''} {last or ''}")


def split(full: str | None) -> tuple[str | None, str | None]:
    """``(first, last)``: the last word and the particles before it are the last name; one word is a first name."""
    words = (tidy(full) or "").split()
    if len(words) < 2:
        return (words[0] if words else None), None
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def split_as_known(full: str | None, first: str | None, last: str | None) -> tuple[str | None, str | None]:
    """``split``, but a name that joins to the same text keeps the parts we already have.

    No rule splits every name rightly; without this, a name split otherwise by a person would be changed back at each
    sync, for ever.
    """
    return (first, last) if joined(first, last) == tidy(full) else split(full)
