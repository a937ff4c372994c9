"""How much a model can say in the time that is left, and whether another round has a chance. Pure."""

from typing import Final

FIRST_TOKEN_S: Final = 1.2
"""DeepSeek's 0.9 s to the first token, and what comes around it."""

TOKENS_PER_S: Final = 100
"""DeepSeek's published speed. A model that keeps it is done in time; it is cut off rather than not heard at all."""

MOST_TOKENS: Final = 320
"""Three opportunities take some 220."""

LEAST_TOKENS: Final = 130
"""With fewer a model cannot say anything worth its price, and none is asked."""


def tokens_within(left_s: float) -> int:
    """How long an answer may be that is there within ``left_s``; 0: none would be."""
    return max(0, min(MOST_TOKENS, int((left_s - FIRST_TOKEN_S) * TOKENS_PER_S)))


def has_time_for_a_round(left_s: float, round_s: float) -> bool:
    """``round_s``: what the rounds so far took, each."""
    return left_s > round_s and tokens_within(left_s) >= LEAST_TOKENS
