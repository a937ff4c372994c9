"""JSON that PostgreSQL takes, whatever a caller or a model wrote.

PostgreSQL's text has no U+0000, and UTF-8 has no lone surrogates. Both become U+FFFD: a damaged character must not
cost the sentence it stands in.
"""

import re
from typing import Any

import msgspec

# An escape of U+0000 is one behind an even number of backslashes; behind an odd number it is the text "\u0000".
_NUL_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_JSONB_VERSION = b"\x01"


def encode_json(value: Any) -> bytes:
    """``value`` (anything msgspec encodes) as UTF-8 JSON. NaN and infinities become null.

    Raises TypeError or RecursionError for what has no JSON form.
    """
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(value)))
    return _NUL_ESCAPE.sub(rb"\1\\ufffd", encoded) if b"\\u0000" in encoded else encoded


def encode_jsonb(value: Any) -> bytes:
    """The binary form of ``jsonb``: a version byte, then the text."""
    return _JSONB_VERSION + encode_json(value)


def decode_jsonb(data: bytes) -> Any:
    return msgspec.json.decode(memoryview(data)[1:])


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            # Over UTF-16, where two halves of one character that were cut apart also find each other again.
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_surrogates(item) for item in value]
        case _:
            return value
