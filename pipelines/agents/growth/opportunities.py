"""Opportunities by rules, and how far what was found carries them. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from pipelines.agents.claims import is_supported
from pipelines.agents.growth.findings import Finding

ENOUGH: Final = 0.7
"""Confidence from which nothing more is looked for."""

_WANTED_KINDS: Final = 3
"""Kinds of sources that together count as a full picture: the lead itself, our knowledge, the world outside."""

_FROM_FACTS: Final = (
    ("need", "Solve the need they named", "They said so themselves: {}.", 5, 2),
    ("timing", "Be ready for their date", "They want it {}, so a plan with dates wins.", 4, 2),
    ("budget", "Fit the offer to their budget", "Their budget is {}; an offer within it shortens the talk.", 4, 1),
    ("team_size", "Roll out team by team", "A team of {} can begin with one group and grow from there.", 3, 2),
    ("company_size", "Grow across the company", "With {} people there is room beyond the first team.", 3, 3),
    ("industry", "Speak their industry's language", "References from {} carry more than a general demo.", 3, 2),
)
_LABELS: Final = {
    "need": "Need",
    "timing": "Timing",
    "budget": "Budget",
    "team_size": "Team size",
    "company_size": "Size",
    "industry": "Industry",
}


def by_rules(lead: dict[str, Any], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """One for each telling fact of the lead, one for what their website and our knowledge have in common,
    and one for what they said in public."""
    numbers = {entry["title"]: number for number, entry in enumerate(findings, start=1) if entry["kind"] == "lead"}
    found = [
        _opportunity(title, why.format(lead[name]), [numbers[_LABELS[name]]], impact, effort)
        for name, title, why, impact, effort in _FROM_FACTS
        if lead.get(name) and _LABELS[name] in numbers
    ]
    outside = [number for number, entry in enumerate(findings, start=1) if entry["kind"] in ("web", "website")]
    knowledge = [number for number, entry in enumerate(findings, start=1) if entry["kind"] == "knowledge"]
    if outside and knowledge:
        text = findings[outside[0] - 1]["text"]
        found.append(_opportunity("Connect to what they use", text, [outside[0], knowledge[0]], 3, 2))
    posted = [number for number, entry in enumerate(findings, start=1) if entry["kind"] == "social"]
    if posted:
        text = findings[posted[0] - 1]["text"]
        found = [*found[:4], _opportunity("Open with what they said lately", text, [posted[0]], 3, 1)]
    if not found and knowledge:
        entry = findings[knowledge[0] - 1]
        found.append(_opportunity("Open with what we do best", entry["text"], [knowledge[0]], 2, 1))
    return found[:5]


def grounded(opportunities: Sequence[dict[str, Any]], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Those that rest on something that was found and say no more, without the sources that do not exist."""
    kept, facts = [], [f"{entry['title']} {entry['text']}" for entry in findings]
    for entry in opportunities:
        sources = [number for number in dict.fromkeys(entry["sources"]) if 1 <= number <= len(findings)]
        if sources and is_supported(entry["title"], facts) and is_supported(entry["rationale"], facts):
            kept.append({**entry, "sources": sources})
    return kept


def confidence(opportunities: Sequence[dict[str, Any]], findings: Sequence[Finding], *, stated: float | None) -> float:
    """0 to 1: how many kinds of sources there are, how much of the list rests on something, and not above what the
    model itself claims."""
    if not opportunities:
        return 0.0
    kept = grounded(opportunities, findings)
    kinds = {"web" if entry["kind"] in ("website", "social") else entry["kind"] for entry in findings}
    carried = 0.4 + 0.6 * min(1.0, len(kinds) / _WANTED_KINDS)
    found = carried * len(kept) / len(opportunities) * min(1.0, 0.4 + 0.2 * len(kept))
    return round(min(found, 1.0 if stated is None else stated), 3)


def _opportunity(title: str, rationale: str, sources: list[int], impact: int, effort: int) -> dict[str, Any]:
    return {
        "title": title,
        "rationale": " ".join(rationale.split())[:400],
        "sources": sources,
        "impact": impact,
        "effort": effort,
    }
