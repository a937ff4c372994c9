"""Which of several subjects was answered more, and how sure that is. Pure."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from msgspec import Struct

from storage.campaigns.results import VariantResults

_Z: Final = 1.959964
"""Of a 95 % interval."""
_FEWEST: Final = 20
"""People of each, before anything is said."""


class Rate(Struct, frozen=True):
    """Parts of 1; the true one is between ``low`` and ``high`` in 95 of 100 such campaigns."""

    rate: float
    low: float
    high: float


def rate_of(count: int, people: int) -> Rate:
    """Wilson's interval: right for few people and for none who answered, too."""
    if people <= 0:
        return Rate(0.0, 0.0, 1.0)
    rate = count / people
    weight = 1 + _Z**2 / people
    middle = (rate + _Z**2 / (2 * people)) / weight
    reach = _Z * sqrt(rate * (1 - rate) / people + _Z**2 / (4 * people**2)) / weight
    return Rate(rate, max(0.0, middle - reach), min(1.0, middle + reach))


def winner_of(variants: Sequence[VariantResults]) -> int | None:
    """The one that was answered more than each other, beyond chance (Newcombe's 95 % interval of the difference); None:
    nobody knows yet."""
    if len(variants) < 2 or any(variant.people < _FEWEST for variant in variants):
        return None
    best = max(variants, key=lambda variant: variant.replied / variant.people)
    others = [variant for variant in variants if variant is not best]
    return best.variant if all(_least_difference(best, other) > 0 for other in others) else None


def _least_difference(one: VariantResults, other: VariantResults) -> float:
    mine, theirs = rate_of(one.replied, one.people), rate_of(other.replied, other.people)
    return (mine.rate - theirs.rate) - sqrt((mine.rate - mine.low) ** 2 + (theirs.high - theirs.rate) ** 2)
