"""Which of the words that people wanted said the caller has not heard. Pure: what is kept in, what is due out.

Words wait until both sides are quiet, and a line may break meanwhile, or a process die: what was heard is on record,
and tells.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from storage.conversations.operator_acts import OperatorAct
from storage.conversations.records import ItemRecord

KEPT_FOR: Final = timedelta(minutes=10)
"""A caller who is back by then is told what waited; afterwards its moment has passed."""


def said_of(acts: Sequence[OperatorAct], items: Iterable[ItemRecord]) -> list[bool | None]:
    """Of each act whether something of its words was heard; None: it has none to be said, or they are kept no more."""
    heard = [" ".join(item.generated_text.split()) for item in items if item.said_by is not None and item.heard_text]
    said: list[bool | None] = [None if act.kind != "say" or act.text is None else False for act in acts]
    for is_same in (str.__eq__, str.endswith):  # what the law wants told may have come before the words
        for at, act in enumerate(acts):
            if said[at] is False and (found := next((one for one in heard if is_same(one, act.text or "")), None)):
                heard.remove(found)
                said[at] = True
    return said


def unsaid(acts: Sequence[OperatorAct], items: Iterable[ItemRecord], *, now: datetime) -> list[OperatorAct]:
    """What is to be said to a caller who is back, in order."""
    ends = [at for at, act in enumerate(acts) if act.kind == "end"]
    since = ends[-1] + 1 if ends else 0
    return [
        act
        for at, (act, is_said) in enumerate(zip(acts, said_of(acts, items), strict=True))
        if is_said is False and at >= since and now - act.created_at <= KEPT_FOR
    ]
