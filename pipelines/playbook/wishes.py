"""Who would rather be asked nothing: tired of it, or nobody who buys."""

import re
from typing import Final

_NO_QUESTIONS: Final = re.compile(
    r"\b(?:stop|quit|enough) (?:(?:with|of|the|all|these|your|asking|me|those) )*questions?\b"
    r"|\bstop (?:asking|interrogating|quizzing)(?: me| us)?$|\byou(?:re| are)? (?:ask|asking) (?:too|so) many questions?\b"
    r"|\bwhy (?:so|that|this) many questions\b"
)
"""Of the agent's. What customers ask so much is a need, and "no more questions" says that all are answered."""

_NO_BUYER: Final = re.compile(
    r"\b(?:im|i am) (?:just |only |actually |really )*an? (?:\w+ )?(?:student|journalist)"
    r"(?=$| (?:at|from|in|and|doing|writing|who|so|but|here)\b)"
    r"|\bfor (?:a|my|our|this) (?:school|university|college|class|homework|thesis)(?: (?:project|paper|assignment|work))?$"
    r"|\b(?:im|i am) (?:\w+ )?(?:looking|applying) for (?:a |an )?(?:\w+ )?(?:job|internship)$"
)

_ANNOUNCES: Final = re.compile(
    r"(?:(?:hi|hello|hey|yes|yeah|so|ok|okay|actually|oh|well|um|no|wait|sorry|first) )*(?:i|we) (?:just |only |also |still |do )*"
    r"(?:have|had|got|ve got) (?:just |a |some |another |one |two |few |quick |more |couple of |little )*questions?"
    r"(?: (?:first|please|though|for you|about (?:it|that|this)))*|(?:(?:and|so|ok|okay|hi|hello) )*(?:can|could|may) i"
    r" ask (?:you )?(?:something|a (?:quick )?question|one (?:more )?thing)(?: (?:first|please))*"
)


def announces_question(plain: str) -> bool:
    """Whether a question is to come, and nothing else was said."""
    return _ANNOUNCES.fullmatch(plain) is not None


def wants_no_questions(plain: str) -> bool:
    """Whether somebody is tired of being asked."""
    return _NO_QUESTIONS.search(plain) is not None


def is_no_buyer(plain: str) -> bool:
    """Whether somebody says that they will not buy, whatever they are told."""
    return _NO_BUYER.search(plain) is not None
