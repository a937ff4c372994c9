"""What a qualification says."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Criterion = Literal["need", "budget", "authority", "timing", "fit"]
CRITERIA: tuple[Criterion, ...] = ("need", "budget", "authority", "timing", "fit")
Tier = Literal["hot", "warm", "cold"]

POINTS = 20
"""A criterion gives so many points at most, so that five make a hundred."""

HOT, WARM = 70, 40


class Finding(Struct, frozen=True):
    """``points`` 0 to 20 · ``evidence``: the lead's own words or facts it rests on; None: nothing is known."""

    points: Annotated[int, Meta(ge=0, le=POINTS)]
    evidence: str | None = None


class Qualification(Struct, frozen=True, kw_only=True):
    """``score`` 0 to 100, the sum of the criteria · ``tier``: hot from 70, warm from 40 · ``missing``: criteria nothing
    is known of, the most worthwhile to ask about first."""

    score: int
    tier: Tier
    reasoning: str
    criteria: dict[Criterion, Finding]
    missing: tuple[Criterion, ...] = ()


def tier_of(score: int) -> Tier:
    return "hot" if score >= HOT else "warm" if score >= WARM else "cold"


def summed(criteria: dict[Criterion, Finding], reasoning: str) -> Qualification:
    score = sum(finding.points for finding in criteria.values())
    return Qualification(
        score=score,
        tier=tier_of(score),
        reasoning=reasoning,
        criteria=criteria,
        missing=tuple(name for name in CRITERIA if criteria[name].evidence is None),
    )
