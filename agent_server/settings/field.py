"""How a setting is declared: a field of a frozen Struct, with the name of its variable and its meaning beside it."""

import types
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

WebUrl = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*$", extra={"allowed": "an address such as https://host"})]
BaseUrl = Annotated[WebUrl, Meta(extra={"base": True})]
"""Paths are put behind it: written with or without a slash at its end, it is kept without."""
SocketUrl = Annotated[
    str,
    Meta(pattern=r"^(https?|wss?)://[^\s/]+\S*$", extra={"allowed": "an address such as wss://host", "base": True}),
]
Key = Annotated[str, Meta(pattern=r"^[!-~]+$", extra={"allowed": "printable ASCII without spaces"})]


class Group(Struct, frozen=True, kw_only=True):
    """Settings of one theme. Its text form names no secret, wherever it may end up."""

    def __repr__(self) -> str:
        shown = (
            f"{field.attribute}={masked(field, getattr(self, field.attribute))}" for field in fields_of(type(self))
        )
        return f"{type(self).__name__}({', '.join(shown)})"


class Field(Struct, frozen=True):
    """One setting; ``type`` is what its text is converted to."""

    variable: str
    attribute: str
    type: Any
    default: Any
    meaning: str
    secret: bool


def setting(variable: str, meaning: str, *, secret: bool = False) -> Meta:
    """The annotation that makes a Struct's field a setting."""
    return Meta(description=meaning, extra={"variable": variable, "secret": secret})


@cache
def fields_of(group: type[Struct]) -> tuple[Field, ...]:
    """The settings a Struct declares, in order."""
    hints = get_type_hints(group, include_extras=True)
    fields: list[Field] = []
    for info in msgspec.structs.fields(group):
        inner, *marks = get_args(hints[info.name])
        mark = next(m for m in reversed(marks) if isinstance(m, Meta) and m.extra and "variable" in m.extra)
        extra = mark.extra or {}
        # Annotated[Annotated[T, a], setting] is one flat annotation: put what is not ours back on the type.
        constraints = [m for m in marks if m is not mark]
        declared = Annotated[inner, *constraints] if constraints else inner
        meaning = mark.description or ""
        fields.append(Field(extra["variable"], info.name, declared, info.default, meaning, bool(extra["secret"])))
    return tuple(fields)


def masked(field: Field, value: Any) -> str:
    """A value as it may be shown: of a secret only that it is set."""
    if value in (None, "", ()):
        return "unset"
    if field.secret:
        return "********"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def convert(text: str, kind: Any) -> Any:
    """The value that ``text`` stands for. Raises ValueError, whose message may quote the text."""
    base = _base(kind)
    if base is Path:
        return Path(text).expanduser()
    value: Any = text
    if get_origin(base) is tuple:
        value = [part.strip() for part in text.split(",") if part.strip()]
    elif base is bool:
        value = _BOOLEANS.get(text.lower(), text)
    elif get_origin(base) is Literal:
        value = text.lower()
    elif any(mark.extra and mark.extra.get("base") for mark in _marks(kind)):
        value = text.rstrip("/")
    return msgspec.convert(value, _bare(kind), strict=False)


_BOOLEANS = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}


def allowed_values(kind: Any) -> str:
    """What a setting takes, in words."""
    base = _base(kind)
    for mark in _marks(kind):
        if mark.extra and "allowed" in mark.extra:
            return str(mark.extra["allowed"])
    if get_origin(base) is Literal:
        return "one of " + ", ".join(str(value) for value in get_args(base))
    if get_origin(base) is tuple:
        return f"a list separated by commas, each {allowed_values(get_args(base)[0])}"
    if base in (int, float):
        return _range("a whole number" if base is int else "a number", _marks(kind))
    return {bool: "true or false", Path: "a path"}.get(base, "text")


def type_name(kind: Any) -> str:
    """A short name of the type, for the list of settings."""
    base = _base(kind)
    if get_origin(base) is Literal:
        return "|".join(str(value) for value in get_args(base))
    if get_origin(base) is tuple:
        return "list"
    if base is str:
        is_url = any(mark.pattern and "://" in mark.pattern for mark in _marks(kind))
        return "url" if is_url else "text"
    return {int: "integer", float: "number", bool: "boolean", Path: "path"}.get(base, "text")


def _bare(kind: Any) -> Any:
    """Without ``None``: a variable that is set is never None."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def _base(kind: Any) -> Any:
    """Without ``None`` and without annotations."""
    bare = _bare(kind)
    return get_args(bare)[0] if get_origin(bare) is Annotated else bare


def _marks(kind: Any) -> list[Meta]:
    bare = _bare(kind)
    return [mark for mark in get_args(bare)[1:] if isinstance(mark, Meta)] if get_origin(bare) is Annotated else []


def _range(noun: str, marks: list[Meta]) -> str:
    low = next((mark.ge for mark in marks if mark.ge is not None), None)
    high = next((mark.le for mark in marks if mark.le is not None), None)
    if low is not None and high is not None:
        return f"{noun} from {low} to {high}"
    return noun if low is None else f"{noun} from {low} on"
