"""Telephone numbers in requests."""

from typing import Annotated

from msgspec import Meta

from agent_server.web.errors import Problem
from storage import phone_number

Number = Annotated[str, Meta(min_length=1, max_length=64)]


def number_of(text: str, *, param: str) -> str:
    """E.164. Raises Problem ``number_invalid``."""
    number = phone_number.normalised(text)
    if number is None:
        message = "This is no complete telephone number; write it with its country code, such as +14155550132."
        raise Problem(422, "number_invalid", message, param=param)
    return number
