"""Claims and how far their sources carry them. Pure."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from pipelines.agents.claims import is_supported
from pipelines.agents.growth.findings import Finding
from pipelines.knowledge.analysis.english import terms

MOST_CLAIMS: Final = 8
NEWS: Final = 2
"""Posts worth knowing before one talks to somebody."""

MAX_CLAIM_CHARS: Final = 320
LEAST_COVERAGE: Final = 0.34
"""By rules: of a question's terms so much must be in a finding for it to be an answer."""

_CARRIES: Final = {"lead": 0.9, "crm": 0.85, "knowledge": 0.85, "website": 0.75, "social": 0.75, "web": 0.6}
_SEVERAL: Final = 0.95
"""What sources of different origin say alike."""

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")

Claim = dict[str, Any]


def carried(claims: Sequence[Claim], findings: Sequence[Finding]) -> tuple[list[Claim], int]:
    """Those that rest on a finding and say no figure, link or address that is not in it, with no more confidence than
    their sources deserve; and how many did not."""
    kept: list[Claim] = []
    for claim in claims:
        sources = [number for number in dict.fromkeys(claim["sources"]) if 1 <= number <= len(findings)]
        facts = [f"{findings[number - 1]['title']} {findings[number - 1]['text']}" for number in sources]
        if sources and is_supported(claim["text"], facts):
            sure = min(float(claim["confidence"]), _carry([findings[number - 1] for number in sources]))
            text = " ".join(claim["text"].split())[:MAX_CLAIM_CHARS]
            kept.append({"text": text, "confidence": round(sure, 2), "sources": sources})
    kept.sort(key=lambda claim: -claim["confidence"])
    return kept[:MOST_CLAIMS], len(claims) - len(kept)


def by_rules(question: str, findings: Sequence[Finding], *, asked: bool = True) -> list[Claim]:
    """What was found, in its own words, as far as it has the question's. Of the lead itself everything counts; when
    nobody asked for more (``asked``), the newest of what its company said counts, too."""
    wanted = frozenset(terms(question))
    claims: list[tuple[float, Claim]] = []
    news = () if asked else [number for number, one in enumerate(findings, start=1) if one["kind"] == "social"][:NEWS]
    for number, entry in enumerate(findings, start=1):
        there = frozenset(terms(f"{entry['title']} {entry['text']}"))
        coverage = said = len(wanted & there) / len(wanted) if wanted else 0.0
        if entry["kind"] in ("lead", "crm"):
            of = entry["title"] if entry["title"].endswith("?") else f"{entry['title']}:"
            text, coverage = f"{of} {entry['text']}", 1.0
        else:
            text = " ".join(_SENTENCE.split(entry["text"])[:2])
            if entry["kind"] == "social":
                text = f"{entry['title']}: {text}"
            coverage = 1.0 if number in news else coverage
        if coverage >= LEAST_COVERAGE and text.strip():
            sure = round(_carry([entry]) * (0.5 + 0.5 * coverage), 2)
            claims.append((said, {"text": text[:MAX_CLAIM_CHARS], "confidence": sure, "sources": [number]}))
    claims.sort(key=lambda entry: (-entry[1]["confidence"], -entry[0]))
    return [claim for _, claim in claims[:MOST_CLAIMS]]


def summary_by_rules(claims: Sequence[Claim], findings: Sequence[Finding]) -> str:
    """What was looked up goes before what we knew of the lead."""
    if not claims:
        return "Nothing was found that answers it."
    others = answering(claims, findings)
    known = [claim for claim in claims if claim not in others]
    return " ".join(f"{claim['text'].rstrip('.')}." for claim in (*others, *known)[:4])


def answering(claims: Sequence[Claim], findings: Sequence[Finding]) -> list[Claim]:
    """Those that say more than what we knew of the lead."""
    return [claim for claim in claims if any(findings[number - 1]["kind"] != "lead" for number in claim["sources"])]


def confidence(claims: Sequence[Claim]) -> float:
    """Of the whole: that of its best claims; 0 without any."""
    best = [claim["confidence"] for claim in claims[:3]]
    return round(sum(best) / len(best), 2) if best else 0.0


def used(claims: Sequence[Claim], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings that claims name, with their ids."""
    numbers = sorted({number for claim in claims for number in claim["sources"]})
    return [{"id": number, **findings[number - 1]} for number in numbers]


def _carry(entries: Sequence[Finding]) -> float:
    origins = {(entry["kind"], urlsplit(entry["url"] or "").hostname) for entry in entries}
    return _SEVERAL if len(origins) > 1 else max(_CARRIES.get(entry["kind"], 0.5) for entry in entries)
