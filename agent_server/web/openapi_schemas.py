"""The forms of bodies and replies, in the OpenAPI document."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import msgspec.inspect
from msgspec import NODEFAULT, Struct

from agent_server.api.endpoint import Endpoint
from agent_server.web.errors import ErrorBody

REF = "#/components/schemas/{name}"


def schemas_of(
    endpoints: Iterable[Endpoint], *, told: Sequence[type[Struct]]
) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """The schema of every body and reply, by type, and the named ones they refer to. ``told``: what else the server
    says. What only the server says has all its fields, those that have a default too."""
    bodies: list[Any] = []
    replies: list[Any] = [ErrorBody, *told]
    for endpoint in endpoints:
        bodies.append(endpoint.body)
        replies.append(endpoint.reply)
    forms = msgspec.inspect.multi_type_info([*bodies, *replies])
    given, only_told = _structs(forms[: len(bodies)]), _structs(forms[len(bodies) :])
    only_told = {kind: form for kind, form in only_told.items() if kind not in given}
    kinds = list(dict.fromkeys([*bodies, *replies, *only_told]))
    found, components = msgspec.json.schema_components(kinds, ref_template=REF)
    schemas = dict(zip(kinds, found, strict=True))
    for kind, form in only_told.items():
        described = components[schemas[kind]["$ref"].rpartition("/")[2]]
        always = {*described.get("required", ()), *_always_there(form)}
        described["required"] = [name for name in described["properties"] if name in always]
    return schemas, {name: _for_generators(each) for name, each in components.items()}


def _structs(forms: Iterable[msgspec.inspect.Type]) -> dict[Any, msgspec.inspect.StructType]:
    """Those in them, at any depth, by type."""
    found: dict[Any, msgspec.inspect.StructType] = {}
    waiting: list[Any] = list(forms)
    while waiting:
        match waiting.pop():
            case msgspec.inspect.StructType() as form:
                if form.cls not in found:
                    found[form.cls] = form
                    waiting += [field.type for field in form.fields]
            case msgspec.inspect.Type() as form:
                waiting += msgspec.structs.astuple(form)
            case tuple() as parts:
                waiting += parts
    return found


def _always_there(form: msgspec.inspect.StructType) -> Iterator[str]:
    """The names of its fields, but of those that may be left out: by its configuration, or by ``UNSET``."""
    if getattr(form.cls, "__origin__", form.cls).__struct_config__.omit_defaults:
        return
    for field in form.fields:
        if (field.default, field.default_factory) != (NODEFAULT, NODEFAULT):
            yield field.encode_name


def _for_generators(schema: Any) -> Any:
    """The same, as generators of clients read it: they want every array's items told, and know none that are
    ``false``. A tuple's length is said beside them."""
    if isinstance(schema, list):
        return [_for_generators(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _for_generators(part) for key, part in schema.items() if not (key == "items" and part is False)}
    return (
        {**parts, "items": {}}
        if parts.get("type") == "array" and not parts.keys() & {"items", "prefixItems"}
        else parts
    )
