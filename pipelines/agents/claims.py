"""Whether a model's text claims only what is known. Pure."""

import re
from collections.abc import Sequence
from typing import Final

LINK: Final = re.compile(r"https?://\S+|\b[\w.-]+@[\w.-]+\.\w+|\bwww\.\S+", re.IGNORECASE)
_FIGURE: Final = re.compile(r"\d[\d.,]*\s?%?")
_PLACEHOLDER: Final = re.compile(r"\[[^\]\n]{1,40}\]|\{\{?[^}\n]{1,40}\}?\}|<[A-Za-z][^>\n]{0,40}>")
_TOLD_IN_WORDS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:for free|free of charge|no charge|at no cost|free (?:trials?|months?|weeks?|years?)"
        r"|kostenlos\w*|kostenfrei\w*|umsonst|gratis|gratuit\w*|grátis|sin coste?|kosteloos|kosteloze)\b",
        r"\b(?:discount\w*|rebates?|half price|rabatt\w*|nachlass\w*|nachlässe\w*|remises?|réductions?|descuentos?"
        r"|scont[oi]|korting\w*|descontos?)\b",
        r"\b(?:guarant\w+|garan[tz]\w+|money[- ]back|refund\w*|geld[- ]zurück\w*|erstatt\w+|rembours\w+|reembols\w+"
        r"|rimbors\w+|terugbetal\w+)\b",
        r"\b(?:per ?cent|prozent|pour ?cent|por ?ciento|per cento|procent|por cento)\b|%",
        r"\b(?:dollars?|euros?|pounds?|francs?|usd|eur|gbp|chf)\b|[$€£]",
        r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]",
    )
)
"""What is promised, what money is spoken of, letters that are not Latin: none of a kind that no fact has."""


def is_supported(text: str, facts: Sequence[str]) -> bool:
    """Whether every figure, link and address of a text is among the facts, nothing is promised that no fact speaks of,
    and no placeholder is left in it. A blank one is not: it says nothing."""
    known = " ".join(facts).lower()
    figures = {_plain(match) for match in _FIGURE.findall(known)}
    if not text.strip() or _PLACEHOLDER.search(text):
        return False
    if any(sign.search(text) and not sign.search(known) for sign in _TOLD_IN_WORDS):
        return False
    if any(link.rstrip(".,;)").lower() not in known for link in LINK.findall(text)):
        return False
    return all(_plain(figure) in figures for figure in _FIGURE.findall(LINK.sub(" ", text)))


def _plain(figure: str) -> str:
    return figure.rstrip(".,").replace(",", "").replace(" ", "")
