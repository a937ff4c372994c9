"""Arguments for a function, filled from a text by the function's JSON Schema. Always valid JSON of the right types."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from pipelines.playbook.extract.emails import find_email
from pipelines.playbook.extract.names import find_company, find_name
from pipelines.playbook.extract.numbers import Number, find_numbers
from pipelines.playbook.extract.times import find_moment

MAX_DEPTH: Final = 4

_WORD: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACE: Final = re.compile(
    r"\b(?:in|at|for|near|to|from|around|of)\s+((?:[A-Z][\w'\u2019.-]*)(?:[ ,]+[A-Z][\w'\u2019.-]*){0,3})"
    r"|\b(?:in|near|around|for|at)\s+(?!the\b|a\b|my\b|an\b|this\b|that\b|me\b|one\b)([a-z][\w'-]*(?:\s+[a-z][\w'-]*)?)"
)
_PLACE_END: Final = re.compile(
    r"\s+(?:today|tomorrow|tonight|now|right|please|this|next|on|at|in|for|and|or|with|like|looking|going|is|are|be"
    r"|by|to|right now|like|instead)\b.*$"
)
_QUOTED: Final = re.compile(r"[\"\u201c]([^\"\u201d]+)[\"\u201d]")
_PLACE_NAMES: Final = frozenset(
    "location city place address destination origin country region town area where state".split()
)
_QUERY_NAMES: Final = frozenset(
    "query q question text message prompt input content note notes body description reason summary search term"
    " topic".split()
)
_PERSON_NAMES: Final = frozenset("name person customer contact caller username fullname recipient".split())
_TEXT_LEAD: Final = re.compile(
    r"^(?:(?:please|can you|could you|would you|will you|i want to|i'd like to|i need to|hey|hi|ok|okay|so|um|just"
    r"|tell me|show me|give me|find|find me|search for|search|look up|look for)\s+)+",
    re.IGNORECASE,
)


def words_of(name: str) -> list[str]:
    """The words of an identifier: "getWeather_forPlace" is get, weather, for, place."""
    return [word.lower() for part in name.replace("-", "_").split("_") for word in _CAMEL.split(part) if word]


def fill(schema: dict[str, Any], text: str, now: datetime, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object a text describes. Required properties are always there; others only when the text or ``known`` has
    them.

    ``known`` are values by property name, taken before the text where their type fits.
    """
    return _Filler(text, now, known or {}).object(schema, 0)


class _Filler:
    """One text being read for one function; every number is used once."""

    def __init__(self, text: str, now: datetime, known: dict[str, Any]) -> None:
        self.text = text
        self.lowered = text.lower()
        self.now = now
        self.known = known
        self.numbers: list[Number] = list(find_numbers(text))

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or depth > MAX_DEPTH:
            return {}
        listed = schema.get("required")
        required = set(listed) if isinstance(listed, list) else set()
        filled: dict[str, Any] = {}
        for name, spec in properties.items():
            found = self._value(str(name), spec if isinstance(spec, dict) else {}, depth, needed=name in required)
            if found is not None or (name in required and self._nullable(spec)):
                filled[str(name)] = found
        return filled

    @staticmethod
    def _nullable(spec: Any) -> bool:
        kind = spec.get("type") if isinstance(spec, dict) else None
        return kind == "null" or (isinstance(kind, list) and "null" in kind)

    def _value(self, name: str, spec: dict[str, Any], depth: int, *, needed: bool) -> Any:
        for union in ("anyOf", "oneOf", "allOf"):
            if union in spec and "type" not in spec:
                options = [
                    option for option in spec[union] if isinstance(option, dict) and option.get("type") != "null"
                ]
                return self._value(name, {**spec, union: None, **options[0]} if options else {}, depth, needed=needed)
        if "const" in spec:
            return spec["const"]
        kind = _kind(spec)
        if name in self.known and _is(self.known[name], kind) and not spec.get("enum"):
            return self.known[name]
        if isinstance(spec.get("enum"), list) and spec["enum"]:
            return self._enum(name, spec, needed=needed)
        if kind in ("integer", "number"):
            return self._number(name, spec, kind, needed=needed)
        if kind == "boolean":
            return self._boolean(name, spec, needed=needed)
        if kind == "array":
            return self._array(name, spec, depth, needed=needed)
        if kind == "object":
            found = self.object(spec, depth + 1)
            return found if found or needed else None
        if kind == "null":
            return None
        return self._string(name, spec, needed=needed)

    def _enum(self, name: str, spec: dict[str, Any], *, needed: bool) -> Any:
        """The choice the text names, by its words; else the default, else the first when one is needed."""
        choices = spec["enum"]
        known = self.known.get(name)
        if known in choices:
            return known
        plain = f" {' '.join(_WORD.findall(self.lowered))} "
        for choice in choices:
            if isinstance(choice, str) and choice and f" {' '.join(words_of(choice.replace(' ', '_')))} " in plain:
                return choice
        for choice in choices:
            if isinstance(choice, str) and any(
                f" {word[:5]}" in plain for word in words_of(choice.replace(" ", "_")) if len(word) > 4
            ):
                return choice
        for number in self.numbers:
            if number.value in choices and not isinstance(number.value, bool):
                return int(number.value) if number.value == int(number.value) else number.value
        return spec.get("default", choices[0] if needed else None)

    def _number(self, name: str, spec: dict[str, Any], kind: str, *, needed: bool) -> int | float | None:
        """The number standing next to the property's name, else the next unused one within the bounds."""
        fitting = self._fitting(spec, kind)
        if fitting:
            return self._use(self._beside(name, fitting) or fitting[0], kind)
        default = spec.get("default")
        if isinstance(default, int | float) and not isinstance(default, bool):
            return default
        low, high = _bounds(spec)
        floor = low if low is not None else min(0, high) if high is not None else 0
        return (int(floor) if kind == "integer" else floor) if needed else None

    def _fitting(self, spec: dict[str, Any], kind: str) -> list[Number]:
        low, high = _bounds(spec)
        return [
            number
            for number in self.numbers
            if (low is None or number.value >= low)
            and (high is None or number.value <= high)
            and (kind == "number" or number.value == int(number.value))
        ]

    def _beside(self, name: str, numbers: list[Number]) -> Number | None:
        """The number directly before the property's name ("two guests"), or after it ("room 12")."""
        words = "|".join(re.escape(word.rstrip("s")) for word in words_of(name) if len(word) > 2)
        if not words:
            return None
        before, after = re.compile(rf"\s*(?:{words})"), re.compile(rf"(?:{words})\w*(?:\s+\w+)?\s*$")
        return next(
            (number for number in numbers if before.match(self.lowered, number.end)),
            next((number for number in numbers if after.search(self.lowered[: number.start])), None),
        )

    def _use(self, number: Number, kind: str) -> int | float:
        self.numbers.remove(number)
        return int(number.value) if kind == "integer" or number.value == int(number.value) else number.value

    def _boolean(self, name: str, spec: dict[str, Any], *, needed: bool) -> bool | None:
        words = [
            word
            for word in words_of(name)
            if len(word) > 2 and word not in ("is", "has", "should", "include", "with", "enable")
        ]
        for word in words:
            place = self.lowered.find(word[:5])
            if place >= 0:
                return (
                    re.search(r"\b(?:no|not|don'?t|without|off|disable|never)\b[^.,]{0,20}$", self.lowered[:place])
                    is None
                )
        default = spec.get("default")
        return default if isinstance(default, bool) else False if needed else None

    def _array(self, name: str, spec: dict[str, Any], depth: int, *, needed: bool) -> list[Any] | None:
        items = spec.get("items")
        item_spec: dict[str, Any] = items if isinstance(items, dict) else {}
        if isinstance(item_spec.get("enum"), list):
            plain = f" {' '.join(_WORD.findall(self.lowered))} "
            named = [
                choice for choice in item_spec["enum"] if isinstance(choice, str) and f" {choice.lower()} " in plain
            ]
            if named:
                return named
        if _kind(item_spec) in ("integer", "number"):
            kind = _kind(item_spec)
            values = [self._use(number, kind) for number in self._fitting(item_spec, kind)]
            return values if values or needed else None
        found = self._value(name.rstrip("s"), item_spec, depth + 1, needed=needed and bool(spec.get("minItems")))
        return [found] if found is not None else [] if needed else None

    def _string(self, name: str, spec: dict[str, Any], *, needed: bool) -> str | None:
        found = self._by_format(name, spec) or self._by_name(name, spec, needed=needed)
        if found is None and isinstance(spec.get("default"), str):
            found = spec["default"]
        if found is None and needed:
            found = self._rest()
        limit = spec.get("maxLength")
        return found[:limit] if found is not None and isinstance(limit, int) else found

    def _by_format(self, name: str, spec: dict[str, Any]) -> str | None:
        kind = spec.get("format")
        words = set(words_of(name))
        moment = find_moment(self.text, self.now)
        if kind == "email" or "email" in words or "mail" in words:
            return find_email(self.text)
        if kind == "date" or ("date" in words and "time" not in words) or "day" in words:
            return (moment.day or self.now.date()).isoformat() if moment or kind == "date" else None
        if kind == "time" or words == {"time"}:
            return moment.at.isoformat("minutes") if moment.at else None
        if kind == "date-time" or "datetime" in words or {"start", "time"} <= words:
            day, at = moment.day or self.now.date(), moment.at
            stamp = datetime.combine(day, at, tzinfo=self.now.tzinfo) if at else self.now + timedelta(hours=1)
            return stamp.isoformat(timespec="seconds") if moment or kind == "date-time" else None
        return None

    def _by_name(self, name: str, spec: dict[str, Any], *, needed: bool) -> str | None:
        words = set(words_of(name))
        described = f"{name} {spec.get('description', '')}".lower()
        if words & _PLACE_NAMES or re.search(r"\b(?:city|location|place|country|town)\b", described):
            return self._place()
        if "company" in words or "organization" in words:
            return find_company(self.text)
        if words & _PERSON_NAMES and not words & {"file", "tool", "product"}:
            return find_name(self.text)
        quoted = _QUOTED.search(self.text)
        if quoted is not None:
            return quoted[1]
        if words & _QUERY_NAMES and needed:
            return self._rest()
        return self._after_name(name)

    def _place(self) -> str | None:
        match = _PLACE.search(self.text)
        if match is None:
            return None
        place = _PLACE_END.sub("", match[1] or match[2]).strip(" ,.?!'")
        return place if match[1] else " ".join(word[:1].upper() + word[1:] for word in place.split()) or None

    def _after_name(self, name: str) -> str | None:
        """The word that follows the property's own name in the text: "order number A-17"."""
        for word in words_of(name):
            match = re.search(
                rf"\b{re.escape(word)}s?\b(?:\s+(?:is|number|named|called|of|to|for|id|code|the))*\s+([\w@./#-]+)",
                self.text,
                re.IGNORECASE,
            )
            if match is not None and len(word) > 2:
                return match[1].strip(".,?!")
        return None

    def _rest(self) -> str:
        """The text without the asking around it."""
        text = " ".join(self.text.split())
        return _TEXT_LEAD.sub("", text).strip(" ?!.") or text


def _bounds(spec: dict[str, Any]) -> tuple[float | None, float | None]:
    """Least and greatest value; bounds that are no numbers do not count."""
    low, high = spec.get("minimum"), spec.get("maximum")
    return low if isinstance(low, int | float) else None, high if isinstance(high, int | float) else None


def _kind(spec: dict[str, Any]) -> str:
    kind = spec.get("type")
    if isinstance(kind, list):
        kind = next((entry for entry in kind if entry != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in spec else "array" if "items" in spec else "string"


def _is(value: Any, kind: str) -> bool:
    """Whether a known value has the type the schema wants."""
    types: dict[str, type | tuple[type, ...]] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    }  # fmt: skip
    wanted = types.get(kind)
    return wanted is not None and isinstance(value, wanted) and not (isinstance(value, bool) and kind != "boolean")
