"""``/api/openapi.json``: the declared endpoints and their Structs as an OpenAPI 3.1 document."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from agent_server.api.endpoint import WEBSOCKET, Endpoint, Resource
from agent_server.web.errors import ErrorBody
from agent_server.web.openapi_realtime import realtime_paths
from agent_server.web.openapi_schemas import REF, schemas_of
from agent_server.web.openapi_webhooks import data_forms, webhooks

_BEARER = "key"
_JSON = "application/json"
_INTRODUCTION = (
    "Conversations, and what there is around them.\n\n"
    "Give a key as `Authorization: Bearer <key>`. Lists are paged: pass `next_cursor` of one page as `cursor` of the "
    "next. Times are RFC 3339 in UTC; durations carry their unit in the name. Every refusal has a JSON body "
    '`{"error": {"code", "message", "type", "param", "event_id"}}` whose `code` is stable.'
)
_ERROR_WORDS = {
    400: "The request is not of the right form",
    401: "No key, or a wrong one",
    403: "Not allowed",
    404: "There is no such thing",
    408: "The body took too long",
    409: "It is not the time for it",
    413: "The body is too large",
    415: "The body is not JSON",
    416: "It has no such part",
    422: "The values cannot be taken",
    429: "Too many requests",
    500: "An error of the server's own",
    502: "A provider failed",
    503: "Not available now; `Retry-After` says when",
    504: "It took too long",
}


def document(resources: Sequence[Resource], *, version: str) -> dict[str, Any]:
    """The OpenAPI document of these resources."""
    endpoints = [endpoint for resource in resources for endpoint in resource]
    schemas, components = schemas_of(endpoints, told=data_forms())
    # A resource may be spread over several files.
    tags = {resource.tag: resource.description for resource in reversed(resources)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    paths |= realtime_paths(schemas[ErrorBody], words=_ERROR_WORDS, scheme=_BEARER)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sales agent", "version": version, "description": _INTRODUCTION},
        "tags": [{"name": tag, "description": tags[tag]} for tag in dict.fromkeys(one.tag for one in resources)],
        "paths": paths,
        "webhooks": webhooks(schemas),
        "components": {
            "schemas": components,
            "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def encoded(openapi: dict[str, Any]) -> bytes:
    """As JSON. Docstrings mark code with two backticks, the document's Markdown with one."""
    return msgspec.json.encode(openapi).replace(b"``", b"`")


def _operation(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": _responses(endpoint, schemas),
        "security": [{_BEARER: [endpoint.scope]}] if endpoint.scope else [],
    }
    if endpoint.description:
        operation["description"] = re.sub(r"\s+", " ", endpoint.description)
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(endpoint.body)),
            "content": {_JSON: {"schema": schemas[endpoint.body]}},
        }
    elif endpoint.accepts:
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in endpoint.accepts},
        }
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in endpoint.path_parameters
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    (schema,), components = msgspec.json.schema_components([endpoint.query], ref_template=REF)
    described = components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    required = set(described.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _plain_schema(field),
            **({"description": field["description"]} if "description" in field else {}),
        }
        for name, field in described.get("properties", {}).items()
    ]


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": meaning}
        for name, meaning in endpoint.headers.items()
    ]


def _plain_schema(field: dict[str, Any]) -> dict[str, Any]:
    """Without null, which a query cannot say: a parameter is given or left out."""
    kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
    schema = kinds[0] if len(kinds) == 1 else field
    default = {"default": field["default"]} if field.get("default") is not None else {}
    return {key: value for key, value in schema.items() if key not in ("description", "default")} | default


def _responses(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in (endpoint.status, *endpoint.other_statuses):
        responses[str(status)] = {"description": HTTPStatus(status).phrase, **_content(endpoint, schemas)}
    error = {_JSON: {"schema": schemas[ErrorBody]}}
    for status in sorted(_error_statuses(endpoint)):
        responses.setdefault(str(status), {"description": _ERROR_WORDS[status], "content": error})
    return responses


def _content(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    if endpoint.reply is not None:
        kinds[_JSON] = schemas[endpoint.reply]
    elif endpoint.produces not in (_JSON, WEBSOCKET):
        kinds[endpoint.produces] = {"type": "string"} if endpoint.produces.startswith("text/") else {}
    kinds |= {kind: {} for kind in endpoint.also_produces}
    return {"content": {kind: {"schema": schema} for kind, schema in kinds.items()}} if kinds else {}


def _error_statuses(endpoint: Endpoint) -> set[int]:
    """Those it declares, and those that follow from what it takes."""
    statuses = {500, *endpoint.errors}
    if endpoint.scope is not None:
        statuses |= {401, 403, 429, 503}
    if endpoint.query is not None or endpoint.path_parameters:
        statuses.add(400)
    if endpoint.body is not None:
        statuses |= {400, 408, 413, 415}
    return statuses
