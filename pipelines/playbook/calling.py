"""What a door told of the call: that there is a telephone, that we called ourselves, and why."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pipelines.playbook.opening_words import ON_THE_PHONE, OUR_CALL

REASON: Final = "The reason of your call: "

_REASON: Final = re.compile(rf"{re.escape(REASON)}([^.]+)\.")


class Calling(Struct, frozen=True):
    """``on_phone``: the caller has a number that they may be called back on; ``is_ours``: we called them. ``reason``:
    why, as it can stand behind "about"."""

    on_phone: bool = False
    is_ours: bool = False
    reason: str | None = None


@lru_cache(maxsize=64)
def read_calling(instructions: str) -> Calling:
    is_ours = OUR_CALL in instructions
    reason = _REASON.search(instructions) if is_ours else None
    return Calling(is_ours or ON_THE_PHONE in instructions, is_ours, reason[1] if reason is not None else None)
