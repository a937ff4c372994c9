"""The intents a text can have, and the answers a question can expect."""

from typing import Final, Literal, get_args

IntentLabel = Literal[
    "pricing",
    "product_question",
    "objection",
    "booking",
    "reschedule",
    "qualification_answer",
    "wants_person",
    "opt_out",
    "are_you_a_bot",
    "greeting",
    "goodbye",
    "yes",
    "no",
    "repeat",
    "wait",
    "small_talk",
    "other",
]

LABELS: Final[tuple[IntentLabel, ...]] = get_args(IntentLabel)

Expected = Literal[
    "permission",
    "need",
    "team_size",
    "budget",
    "authority",
    "timing",
    "name",
    "company",
    "referral",
    "time_slot",
    "email",
    "phone",
    "confirmation",
    "anything_else",
    "opt_out",
]
"""What the agent's last question asks for. ``permission``: whether it may go on; ``confirmation``: whether something it
read back is right; ``referral``: who is the right person to talk to; ``opt_out``: whether they want no more calls."""

EXPECTED: Final[tuple[Expected, ...]] = get_args(Expected)
