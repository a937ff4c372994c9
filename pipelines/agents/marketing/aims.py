"""What the operator wants messages to bring about, and what a lead needs, as words to its reader. Pure.

Goals are told as to a colleague: "Invite them to a talk". By rules the sentence is turned round; one whose form is not
known is quoted as what it is about.
"""

import re
from typing import Final

from msgspec import Struct

_TO_THE_READER: Final = {
    "them": "you",
    "they": "you",
    "him": "you",
    "her": "you",
    "their": "your",
    "theirs": "yours",
    "themselves": "yourself",
}
_THEY: Final = r"(?:you|(?:the |our |these |those )?(?:leads?|people|customers?|prospects?|companies|firms|contacts?))"
_INVITES: Final = re.compile(rf"^invite {_THEY} (?:to|for) (.+)$", re.IGNORECASE)
_OFFERS: Final = re.compile(rf"^(?:offer|give|propose) (?:{_THEY} )?(.+)$", re.IGNORECASE)
_TELLS: Final = re.compile(
    rf"^(?:tell|inform|remind|show) {_THEY} (?:about|of) (.+)$|^(?:announce|present|introduce|promote|sell) (.+)$",
    re.IGNORECASE,
)
_ARRANGES: Final = re.compile(
    rf"^(?:book|arrange|schedule|set up|agree on|get) (?!{_THEY}\b)(.+?)(?: with {_THEY})?$", re.IGNORECASE
)
_MOVES: Final = re.compile(
    rf"^(?:get|have|make|ask|convince|persuade|encourage|bring|win) {_THEY} (?:to )?(.+)$", re.IGNORECASE
)
_DOES: Final = re.compile(r"^(?:tell|show|help|thank|remind|let|send) you\b.*$", re.IGNORECASE)
_CHARS: Final = 200

_OURS: Final = {
    **dict.fromkeys(("we", "i", "us", "me"), "you"),
    **dict.fromkeys(("our", "my"), "your"),
    **dict.fromkeys(("we're", "i'm"), "you're"),
    **dict.fromkeys(("we've", "i've"), "you've"),
}
_OF_OURS: Final = re.compile(r"\b(?:[Ww]e(?:'re|'ve)?|I(?:'m|'ve)?|us|me|[Oo]ur|[Mm]y)\b(?!')")
_THEY_WANT: Final = re.compile(
    r"^(?:(?:we|i|they|he|she)(?:'re| are| am|'m| is)? )?(?:really |urgently |also )*"
    r"(?:needs?|wants?|would like|looking(?= (?:for|to)\b))(?: to| for)? (?=\S)",
    re.IGNORECASE,
)


class Aim(Struct, frozen=True):
    """``sentence``: to be said to the reader. ``subject``: a line that names it, where it has a name."""

    sentence: str
    subject: str | None = None

    @property
    def asks(self) -> bool:
        return self.sentence.endswith("?")


def aim_of(goal: str) -> Aim | None:
    """None: there is no goal."""
    text = _brief(goal)
    if not text:
        return None
    text = re.sub(r"\b[A-Za-z]+\b", lambda word: _TO_THE_READER.get(word[0].lower(), word[0]), text)
    if found := _INVITES.match(text):
        return Aim(f"I would like to invite you to {found[1]}.", f"Invitation: {_bare(found[1])}")
    if found := _OFFERS.match(text):
        return Aim(f"I would like to offer you {found[1]}.", _capital(_bare(found[1])))
    if found := _TELLS.match(text):
        about = found[1] or found[2]
        return Aim(f"I would like to tell you about {about}.", _capital(_bare(about)))
    if found := _ARRANGES.match(text):
        return Aim(f"Could we arrange {found[1]}?", _capital(_bare(found[1])))
    if found := _MOVES.match(text):
        return Aim(f"Would you like to {found[1]}?")
    if _DOES.match(text):
        return Aim(f"I would like to {text[:1].lower()}{text[1:]}.")
    return Aim(f"It is about this: {text}.")


def need_of(need: str) -> str:
    """What they need, as their own words or a colleague's have it ("We need to reduce our no-shows"): "reduce your
    no-shows"."""
    wanted = _THEY_WANT.sub("", " ".join(need.replace("\u2019", "'").split()), count=1).removeprefix("to ")
    return _OF_OURS.sub(lambda word: _OURS[word[0].lower()], wanted)


def _brief(goal: str) -> str:
    """Its first sentence, within bounds."""
    text = re.split(r"(?<=[.!?])\s", " ".join(goal.split()), maxsplit=1)[0].rstrip(".!? ")
    return text if len(text) <= _CHARS else text[:_CHARS].rsplit(" ", 1)[0]


def _bare(text: str) -> str:
    return re.sub(r"^(?:an?|the|our|your) ", "", text, flags=re.IGNORECASE)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
