"""Whatever the schema and the text, the arguments are valid JSON of the right types with all that is required."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playbook_talk import MONDAY

from pipelines.playbook.schema_filling import fill, words_of


def one(spec: dict[str, Any], text: str, *, name: str = "value", required: bool = True) -> Any:
    schema = {"type": "object", "properties": {name: spec}, "required": [name] if required else []}
    return fill(schema, text, MONDAY).get(name)


@pytest.mark.parametrize(
    ("name", "spec", "text", "value"),
    [
        ("city", {"type": "string"}, "how is it in Berlin right now", "Berlin"),
        ("destination", {"type": "string"}, "a flight to San Francisco please", "San Francisco"),
        ("email", {"type": "string"}, "write to jane dot doe at acme dot com", "jane.doe@acme.com"),
        ("date", {"type": "string", "format": "date"}, "tomorrow", "2026-11-24"),
        ("start", {"type": "string", "format": "date-time"}, "tuesday at two", "2026-11-24T14:00:00+00:00"),
        ("name", {"type": "string"}, "my name is dave", "Dave"),
        ("company", {"type": "string"}, "i work for initech", "Initech"),
        ("query", {"type": "string"}, "search for red shoes", "red shoes"),
        ("title", {"type": "string"}, 'add a note called "Buy milk"', "Buy milk"),
        ("count", {"type": "integer"}, "give me a dozen", 12),
        ("price", {"type": "number"}, "it costs 9.5", 9.5),
        ("size", {"type": "string", "enum": ["small", "large"]}, "a large one", "large"),
        ("size", {"type": "string", "enum": ["small", "large"]}, "whatever", "small"),
        ("color", {"enum": ["dark_blue", "red"], "default": "red"}, "something", "red"),
        ("room", {"type": "integer", "minimum": 100}, "room 7", 100),
        ("urgent", {"type": "boolean"}, "it is urgent", True),
        ("urgent", {"type": "boolean"}, "it is not urgent", False),
        ("urgent", {"type": "boolean"}, "hello", False),
        ("note", {"type": ["string", "null"]}, "hello there", "hello there"),
        ("maybe", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "five", 5),
        ("kind", {"const": "order"}, "x", "order"),
        ("numbers", {"type": "array", "items": {"type": "integer"}}, "one thousand and 3 and 4", [1000, 3, 4]),
        ("days", {"type": "array", "items": {"enum": ["monday", "friday"]}}, "friday and monday", ["monday", "friday"]),
        ("short", {"type": "string", "maxLength": 5}, "a long text", "a lon"),
    ],
)
def test_values(name: str, spec: dict[str, Any], text: str, value: Any) -> None:
    assert one(spec, text, name=name) == value


def test_what_is_not_said_and_not_needed_is_left_out() -> None:
    assert one({"type": "string"}, "hello", name="city", required=False) is None
    assert one({"type": "integer"}, "hello", required=False) is None


def test_two_numbers_go_to_two_properties_by_their_names() -> None:
    schema = {"type": "object", "properties": {"nights": {"type": "integer"}, "guests": {"type": "integer"}}}
    assert fill(schema, "two guests for five nights", MONDAY) == {"nights": 5, "guests": 2}


def test_objects_are_filled_within() -> None:
    schema = {
        "type": "object",
        "properties": {
            "contact": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]}
        },
        "required": ["contact"],
    }
    assert fill(schema, "it's bob@x.com", MONDAY) == {"contact": {"email": "bob@x.com"}}


def test_known_values_come_first_where_they_fit() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
    assert fill(schema, "x", MONDAY, {"name": "Ann", "size": "big"}) == {"name": "Ann"}


def test_identifiers_fall_into_words() -> None:
    assert words_of("getWeather_forPlace-now") == ["get", "weather", "for", "place", "now"]


_SPEC = st.recursive(
    st.one_of(
        st.just({"type": "string"}),
        st.just({"type": "integer"}),
        st.just({"type": "number", "minimum": 3}),
        st.just({"type": "boolean"}),
        st.just({"type": "string", "format": "date"}),
        st.just({"enum": ["a", "b"]}),
        st.just({}),
        st.just({"type": ["integer", "null"]}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda a, b: {"type": "object", "properties": {"a": a, "b": b}, "required": ["a"]}, inner, inner),
    ),
    max_leaves=6,
)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


def fits(value: Any, spec: dict[str, Any]) -> bool:
    if "enum" in spec:
        return value in spec["enum"]
    kind = spec.get("type")
    if isinstance(kind, list):
        return value is None or fits(value, {**spec, "type": kind[0]})
    if kind is None:
        return isinstance(value, str)
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if kind == "array":
        return all(fits(entry, spec["items"]) for entry in value)
    if kind == "object":
        return set(spec["required"]) <= set(value) and all(fits(value[key], spec["properties"][key]) for key in value)
    return kind != "number" or value >= spec.get("minimum", value)


@settings(max_examples=200)
@given(
    spec=st.dictionaries(st.sampled_from(["city", "count", "email", "note", "when", "flag"]), _SPEC, max_size=4),
    text=st.one_of(st.text(max_size=60), st.sampled_from(["12 people in Rome tomorrow at two", "a and b"])),
)
def test_required_values_always_fit_their_schema(spec: dict[str, Any], text: str) -> None:
    schema = {"type": "object", "properties": spec, "required": list(spec)}
    filled = fill(schema, text, MONDAY)
    assert set(filled) == set(spec)
    assert json.loads(json.dumps(filled)) == filled
    assert all(fits(filled[name], spec[name]) for name in spec)
