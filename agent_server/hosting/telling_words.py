"""Whether what a caller said can change how they are scored. Pure; in microseconds, so that "hello" asks no model."""

import re

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_ANSWERS = frozenset("yes yeah yep yup sure no nope nah correct right exactly definitely absolutely".split())
_EMPTY = _ANSWERS | frozenset(
    "hello hi hey good morning afternoon evening there thanks thank you okay ok alright uh um uhm hmm mhm huh ah oh er"
    " well so please bye goodbye cheers great fine nice cool wait hold on one moment sec second sorry pardon what again"
    " i see got it that's is very much and the a all".split()
)
"""Of these alone no sentence says anything about somebody's need, budget, authority, time or company."""


def could_change_score(text: str, *, asked: bool) -> bool:
    """``asked``: the agent's last words were a question, so that a yes or a no says something."""
    answers = False
    for found in _WORD.finditer(text.replace("\u2019", "'")):
        word = found.group().lower()
        if word not in _EMPTY:
            return True
        answers = answers or word in _ANSWERS
    return asked and answers
