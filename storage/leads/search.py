"""What somebody types to find leads: words of names and addresses, the beginning of an e-mail address, or a whole
telephone number. Pure."""

import re

from msgspec import Struct

from storage import phone_number

_WORD = re.compile(r"\d+e\d+(?=[^\W\d_])|[^\W_]+")
"""PostgreSQL takes "3e2" for a number, and "3e2b" for a number with a word behind it."""

_TOP_DOMAIN = re.compile(r"(?<=\w)\.[a-z]{2,3}\s*$")
_MAX_WORDS = 8
_MAX_WORD_CHARS = 64
_MAX_EMAIL_CHARS = 254


class LeadSearch(Struct, frozen=True):
    """Whole words but for the last, of which a beginning is enough; ``email_start`` is as addresses are kept, ``phone``
    E.164."""

    words: tuple[str, ...] = ()
    email_start: str | None = None
    phone: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.words and self.email_start is None and self.phone is None

    def parameters(self) -> dict[str, str | None]:
        """Of the queries. ``whole_words``: those of which no beginning is enough, where there are any."""
        words, whole = self._query(self.words), self._query(self.words[:-1])
        beginning = f"{words}:*" if words else None
        return {"words": beginning, "whole_words": whole, "email_start": self.email_start, "phone": self.phone}

    def _query(self, words: tuple[str, ...]) -> str | None:
        """Words are letters and digits alone, so the quotes cannot be broken."""
        return " & ".join(f"'{word}'" for word in words) or None


def search_of(text: str) -> LeadSearch:
    """What is a whole telephone number as it stands is nothing else."""
    phone = phone_number.normalised(text.replace("\0", " "))
    return LeadSearch(phone=phone) if phone is not None else words_of(text)


def words_of(text: str) -> LeadSearch:
    """Marks only part words, but for the @ behind the beginning of an address. The "com" of a domain tells nothing."""
    plain = text.replace("\0", " ").lower()
    address = next((part for part in plain.split() if part.find("@") > 0), None)
    if address is not None:
        plain = plain.replace(address, " ", 1)
    words = tuple(word[:_MAX_WORD_CHARS] for word in _WORD.findall(_TOP_DOMAIN.sub("", plain))[:_MAX_WORDS])
    return LeadSearch(words, address[:_MAX_EMAIL_CHARS] if address is not None else None)
