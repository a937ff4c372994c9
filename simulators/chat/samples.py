"""A value that satisfies a JSON Schema: what a scripted model puts where nothing was scripted."""

import json
from collections.abc import Iterator
from typing import Any

_MOST_DEPTH = 12
_STRINGS = {
    "date": "2026-12-01",
    "time": "10:00:00Z",
    "date-time": "2026-12-01T10:00:00Z",
    "email": "sam@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com",
}


def sample(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """The simplest value that fits: required properties only, first alternatives, lowest numbers, shortest texts."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _MOST_DEPTH:
        return None
    if "$ref" in schema:
        return sample(_resolve(schema["$ref"], root), root, depth + 1)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            return sample(schema[word][0], root, depth + 1)
    if schema.get("allOf"):
        merged = {name: value for part in schema["allOf"] for name, value in part.items()}
        return sample(merged, root, depth + 1)
    return _of_type(schema, root, depth)


def schema_in_words(prompt: str) -> dict[str, Any]:
    """The JSON Schema that a prompt asks for in words, for providers that know only "some JSON"; ``{}``: none.

    ``prompt``: text, or messages as JSON.
    """
    try:
        texts = list(_texts(json.loads(prompt)))
    except ValueError:
        texts = [prompt]
    return next(filter(None, map(_schema_in, texts)), {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _schema_in(text: str) -> dict[str, Any]:
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(found, dict) and isinstance(found.get("properties"), dict):
                return found
        at = text.find("{", end)
    return {}


def _of_type(schema: dict[str, Any], root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    match kind:
        case "object":
            properties = schema.get("properties", {})
            required = schema.get("required", [])
            return {name: sample(properties.get(name, {}), root, depth + 1) for name in required}
        case "array":
            return [sample(schema.get("items", {}), root, depth + 1) for _ in range(schema.get("minItems", 1))]
        case "integer" | "number":
            return _number(schema, kind)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _string(schema)


def _number(schema: dict[str, Any], kind: str) -> float:
    value: float = min(1, schema.get("maximum", 1))
    value = max(value, schema.get("minimum", value))
    if "exclusiveMinimum" in schema:
        value = max(value, schema["exclusiveMinimum"] + 1)
    return int(value) if kind == "integer" else value


def _string(schema: dict[str, Any]) -> str:
    text = _STRINGS.get(schema.get("format", ""), "sample")
    text = text.ljust(schema.get("minLength", 0), "x")
    return text[: schema.get("maxLength", len(text))]


def _resolve(reference: str, root: Any) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        if not isinstance(root, dict):
            return {}
        root = root.get(step.replace("~1", "/").replace("~0", "~"), {})
    return root
