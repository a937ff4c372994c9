"""What tools found, put into a scripted reply: how a model passes on an answer it cannot have known before."""

import re
from typing import Any

import msgspec

from simulators.chat.turn import Turn

_PLACE = re.compile(r"\{found:([\w.-]+)\}")


def found_in(turn: Turn, text: str) -> str:
    """The text with its ``{found:path}`` filled in from the newest tool result that has the path."""
    if "{found:" not in text:
        return text
    results = [_read(result) for result in reversed(turn.tool_results)]

    def fill(place: re.Match[str]) -> str:
        found = (_at(result, place[1].split(".")) for result in results)
        return next((str(value) for value in found if value is not None), place[0])

    return _PLACE.sub(fill, text)


def _read(result: str) -> Any:
    try:
        return msgspec.json.decode(result)
    except msgspec.DecodeError:
        return None


def _at(value: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
