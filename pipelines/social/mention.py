"""Which post of a company may be brought up with it, and in which words: a fresh one, about business. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from pipelines.social.values import Post
from pipelines.tts.clauses import is_short_form

FRESH_FOR: Final = timedelta(days=60)
MAX_QUOTE_CHARS: Final = 120
LEAST_WORDS: Final = 3

_BUSINESS: Final = re.compile(
    r"\b(?:launch|releas|open|announc|introduc|introducing|hir(?:e|ing)|recruit|expand|expansion|partner|acqui|rais|fund"
    r"|grow|invest|office|store|branch|factory|product|feature|version|update|upgrade|customer|client|service|platform"
    r"|webinar|conference|fair|award|certif|report|study|guide|how to|case stud|roadmap|beta|integration|available"
    r"|new\b|now\b|published|merger|milestone)",
    re.IGNORECASE,
)
_NOT_BUSINESS: Final = re.compile(
    r"\b(?:birthday|wedding|married|marriage|baby|born|pregnan|funeral|condolenc|mourn|passed away|rest in peace"
    r"|r\.?i\.?p\b|obituar|death|died|dies\b|dead\b|killed|ill(?:ness)?\b|cancer|sick|hospital|divorc|relig|church|pray"
    r"|god\b|christmas|easter|ramadan|holiday|vacation|party|election|vote|politic|president|minister|war\b|attack"
    r"|terror|strike|protest|lawsuit|sued|layoff|laid off|redundan|bankrupt|insolven|breach|hack|outage|incident|recall"
    r"|apolog|sorry|scandal|harass|racis|gender|sex|abus|suicid|victim|accident|injur|pandemic|covid)",
    re.IGNORECASE,
)
"""What a stranger who sells something does not bring up: people's lives, and bad news."""

_END: Final = re.compile(r"(?<=[.!?])\s")
_MARKS: Final = str.maketrans(
    {'"': "'", "\u201c": "'", "\u201d": "'", "\u00ab": "'", "\u00bb": "'", "<": " ", ">": " "}
)
_BRACKETS: Final = re.compile(r"[\[\]{}]")


def mention_of(posts: Iterable[Post], now: datetime) -> str:
    """One sentence that quotes the newest that may be brought up; "" where there is none."""
    for post in posts:
        quote = _quote(post)
        if quote and is_for_business(post, now):
            assert post.published_at is not None
            return f'I saw what you wrote on {post.published_at:%B} {post.published_at.day}: "{quote}".'
    return ""


def is_for_business(post: Post, now: datetime) -> bool:
    said = f"{post.title} {post.text}"
    fresh = post.published_at is not None and now - FRESH_FOR < post.published_at <= now
    return fresh and bool(_BUSINESS.search(said)) and not _NOT_BUSINESS.search(said)


def _quote(post: Post) -> str:
    """The title or the first sentence, as it stands but for links, tags and marks."""
    words = [word for word in (post.title or post.text).translate(_MARKS).split() if not _is_address(word)]
    sentence = _first_sentence(_BRACKETS.sub("", " ".join(words))).rstrip(" .:;,")
    return sentence if len(sentence) <= MAX_QUOTE_CHARS and len(sentence.split()) >= LEAST_WORDS else ""


def _first_sentence(text: str) -> str:
    ends = (end.start() for end in _END.finditer(text))
    return text[: next((end for end in ends if not is_short_form(text, end)), len(text))]


def _is_address(word: str) -> bool:
    """A link, an e-mail address, a tag or somebody's name at a network."""
    return "://" in word or "@" in word or word.startswith("#") or word.lower().startswith("www.")
