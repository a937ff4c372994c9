"""What a check found."""

from typing import Literal

from msgspec import Struct

State = Literal["ok", "embedded", "off", "failed"]
"""``embedded``: works without anything from outside. ``off``: not configured, which is nobody's mistake."""


class Finding(Struct, frozen=True):
    """One row. ``detail`` says what is there or what to do, and names no secret."""

    part: str
    state: State
    detail: str
    took_ms: float | None = None
