"""What something the agent said did: what it asked, which times it named, whether it took leave, booked or handed over.

Read from the words, since they are all that the history keeps, and another model may have said them.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pipelines.intent.expectation import expected_answer
from pipelines.intent.labels import Expected
from pipelines.playbook.slots import read_slots


class Utterance(Struct, frozen=True):
    """``asks`` None: no question the playbook knows; ``open_ended``: a question it does not know."""

    asks: Expected | None = None
    open_ended: bool = False
    times: tuple[datetime, ...] = ()
    asks_for_others: bool = False
    holds: bool = False
    takes_leave: bool = False
    books: bool = False
    hands_over: bool = False
    leaves_message: bool = False


_TAKES_LEAVE: Final = re.compile(
    r"\b(?:good ?bye|bye for now|bye bye|have a (?:great|good|nice|lovely|wonderful) (?:day|one|evening|weekend"
    r"|rest))\b"
)
_BOOKS: Final = re.compile(
    r"\b(?:you'?re|you are|it'?s|that'?s) (?:all )?(?:set|booked|confirmed|scheduled) (?:for|in|on)\b"
    r"|\b(?:meeting|demo|call|appointment) is (?:now )?(?:booked|confirmed|scheduled)\b"
    r"|\bi'?(?:ve| have) (?:booked|scheduled)\b|\binvitation (?:is on its way|has been sent|is sent)\b"
)
_HANDS_OVER: Final = re.compile(
    r"\b(?:passing|transferring|connecting|putting) you (?:over |through )?(?:to|with)\b"
    r"|\bcolleague (?:will (?:call|be with|get in touch|take)|take over)\b"
)
_LEAVES_MESSAGE: Final = re.compile(r"\b(?:tell|let) (?:him|her|them)(?: know)? that\b.{0,120}\bcalled\b")
_HOLDS: Final = re.compile(
    r"(?:sure|of course|no rush|okay|no problem|certainly|go ahead)[,.!]? "
    r"(?:i'?ll (?:wait|hold|be here)|take your time|whenever you)"
)
_ASKS_IF_THERE: Final = re.compile(r"\bstill there\b|\bhear (?:me|you|anything)\b|^hello\?")
_ASKS_FOR_OTHERS: Final = re.compile(r"\b(?:anyone|someone|somebody|anybody|who) else\b")


@lru_cache(maxsize=2048)
def read_utterance(text: str, now: datetime) -> Utterance:
    """Read what the agent said, or as much of it as was heard. ``now`` need only be the day."""
    lowered = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    asks = expected_answer(text)
    times = read_slots(text, now)
    if asks is None and times and "?" in text:
        asks = "time_slot"
    return Utterance(
        asks=asks,
        open_ended=asks is None and "?" in text and _ASKS_IF_THERE.search(lowered) is None,
        times=times,
        asks_for_others=asks == "authority" and _ASKS_FOR_OTHERS.search(lowered) is not None,
        holds=_HOLDS.match(lowered) is not None,
        takes_leave=_TAKES_LEAVE.search(lowered) is not None,
        books=_BOOKS.search(lowered) is not None,
        hands_over=_HANDS_OVER.search(lowered) is not None,
        leaves_message=_LEAVES_MESSAGE.search(lowered) is not None,
    )
