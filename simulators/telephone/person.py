"""Who is called, and what they do: told by the last digits of the number, so that anybody can dial each of them. Pure.

+1 415 555 0101 is busy, 0102 does not answer, 0103 is a voicemail, 0104 a fax, 0105 no number at all (error 21211),
0106 answers and stays on the line. All others answer, hear the agent out and hang up.
"""

from typing import Final, Literal

Behaviour = Literal["hears_out", "busy", "no_answer", "voicemail", "fax", "invalid", "stays"]

_BY_LAST_DIGITS: Final[dict[str, Behaviour]] = {
    "0101": "busy",
    "0102": "no_answer",
    "0103": "voicemail",
    "0104": "fax",
    "0105": "invalid",
    "0106": "stays",
}
ANSWERED_BY: Final[dict[Behaviour, str]] = {"voicemail": "machine_end_beep", "fax": "fax"}
"""As machine detection tells; "human" for the others."""

UNANSWERED: Final[dict[Behaviour, str]] = {"busy": "busy", "no_answer": "no-answer"}
"""Status of a call that ends without an answer."""


def behaviour_of(number: str) -> Behaviour:
    return _BY_LAST_DIGITS.get(number[-4:], "hears_out")
