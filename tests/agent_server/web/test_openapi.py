"""The document is valid, complete, and says what the server does."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from api_server import ApiServer

from agent_server.app import make_app

PAGES = {"/", "/talk", "/widget.js", "/assets/{path}", "/api/docs", "/api/docs/{file}", "/api/openapi.json"}
"""Served for browsers; what they show is not part of the API."""


@pytest.fixture
async def document(api: ApiServer) -> dict[str, Any]:
    async with api.client.get("/api/openapi.json") as response:
        assert response.status == 200
        body: dict[str, Any] = await response.json()
        return body


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from refs(part)
    elif isinstance(value, list):
        for part in value:
            yield from refs(part)


def schemas_of(kind: str, value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == kind:
            yield value
        for part in value.values():
            yield from schemas_of(kind, part)
    elif isinstance(value, list):
        for part in value:
            yield from schemas_of(kind, part)


async def test_every_route_is_documented_and_every_documented_one_is_there(
    api: ApiServer, document: dict[str, Any]
) -> None:
    app = make_app(api.services)
    routed = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD" and route.resource.canonical not in PAGES
    }
    assert {(path, method) for path, method, _ in operations(document)} == routed


async def test_every_reference_resolves_and_every_schema_is_used(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    used = set(refs(document))
    assert used == {f"#/components/schemas/{name}" for name in schemas}
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in schemas)


async def test_operations_are_whole(document: dict[str, Any]) -> None:
    named = [tag["name"] for tag in document["tags"]]
    tags = set(named)
    assert len(named) == len(tags), "a resource in several files is one section"
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert set(operation["tags"]) <= tags, where
        in_path = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), where
        assert not in_path or "400" in operation["responses"] or path.startswith("/v1/"), where
        for status, response in operation["responses"].items():
            assert response["description"], where
            if int(status) >= 400 and path not in ("/api/health", "/unsubscribe/{token}"):
                (content,) = response["content"].values()
                assert content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}, where


async def test_generators_of_clients_can_read_every_array(document: dict[str, Any]) -> None:
    arrays = list(schemas_of("array", document))
    assert len(arrays) > 100
    for array in arrays:
        assert isinstance(array.get("items", {}), dict) and array.keys() & {"items", "prefixItems"}, array


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/api/leads/{id}/consent"), ("post", "/api/apollo/people"), ("post", "/api/apollo/people/bulk")],
)
async def test_what_refuses_values_says_so(document: dict[str, Any], method: str, path: str) -> None:
    """A lead whose number is not whole; a person whom nothing names."""
    assert "422" in document["paths"][path][method]["responses"]


async def test_pages_say_that_they_are_pages_also_where_they_refuse(document: dict[str, Any]) -> None:
    for operation in document["paths"]["/unsubscribe/{token}"].values():
        assert list(operation["responses"]["404"]["content"]) == ["text/html"]


async def test_queries_are_parameters_with_their_limits(document: dict[str, Any]) -> None:
    parameters = {p["name"]: p for p in document["paths"]["/api/conversations"]["get"]["parameters"]}
    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}
    assert parameters["status"]["schema"] == {"enum": ["closed", "dropped", "failed", "open"]}
    assert parameters["cursor"]["required"] is False
    assert parameters["cursor"]["schema"] == {"type": "string"}


async def test_code_is_marked_as_markdown_has_it(document: dict[str, Any]) -> None:
    text = str(document)
    assert "`next_cursor`" in text
    assert "``" not in text


async def test_doors_say_which_key_they_take(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert paths["/api/keys"]["get"]["security"] == [{"key": ["admin"]}]
    assert paths["/api/live"]["get"]["security"] == []
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


async def test_the_page_loads_nothing_from_elsewhere(api: ApiServer) -> None:
    async with api.client.get("/api/docs") as response:
        page = await response.text()
        assert response.content_type == "text/html"
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    scripts_and_styles = re.findall(r'<(?!a )[^>]*?(?:src|href)="([^"]+)"', page)
    assert len(scripts_and_styles) == 3
    assert [url for url in scripts_and_styles if not url.startswith(("/api/", "data:"))] == []
    assert not re.search(r"<script(?![^>]*src=)", page), "no script in the page itself"
    for url, kind in (("/api/docs/docs.js", "text/javascript"), ("/api/docs/docs.css", "text/css")):
        assert url in scripts_and_styles
        async with api.client.get(url) as response:
            assert (response.status, response.content_type) == (200, kind)
            assert "http://" not in await response.text()


async def test_what_the_server_says_has_all_its_fields(document: dict[str, Any]) -> None:
    """Else generated clients take every one with a default for one that may be missing."""
    schemas = document["components"]["schemas"]
    for name in ("Lead", "Page_Lead_", "ErrorDetail", "ExecutionRecord", "ConversationTurn"):
        assert schemas[name]["required"] == list(schemas[name]["properties"]), name
    assert "items" not in schemas["ConversationEnded"]["required"], "told to those alone who want the words"
    assert schemas["Audience"].get("required", []) == [], "its answer leaves out what was not asked for"
    assert schemas["NewLead"].get("required", []) == [], "clients need not say what has a default"


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("post", "/api/calls", "Idempotency-Key"),
        ("get", "/api/conversations/{id}/live", "Last-Event-ID"),
        ("post", "/api/langgraph/stream", "Last-Event-ID"),
        ("post", "/api/streaming", "Last-Event-ID"),
        ("get", "/api/conversations/{id}/audio", "Range"),
        ("get", "/api/recordings/audio", "Range"),
    ],
)
async def test_headers_that_are_looked_at_are_parameters(
    document: dict[str, Any], method: str, path: str, header: str
) -> None:
    named = {p["name"]: p for p in document["paths"][path][method]["parameters"] if p["in"] == "header"}
    assert named[header]["description"]
    assert named[header]["required"] is False


async def test_answers_that_are_not_the_usual_one_are_told(document: dict[str, Any]) -> None:
    paths = document["paths"]
    for path in ("/api/streaming", "/api/conversations/{id}/listen"):
        answers = paths[path]["get"]["responses"]
        assert "content" not in answers["101"]
        assert "200" not in answers and "400" in answers
    assert list(paths["/api/conversations/{id}/audio"]["get"]["responses"]["206"]["content"]) == ["audio/mpeg"]
    kinds = paths["/api/leads/import"]["post"]["responses"]["200"]["content"]
    assert list(kinds) == ["application/json", "application/x-ndjson"]


async def test_the_realtime_doors_say_all_that_they_read_of_their_address(document: dict[str, Any]) -> None:
    for path, method in (("/v1/realtime", "get"), ("/v1/realtime/calls", "post")):
        names = [parameter["name"] for parameter in document["paths"][path][method]["parameters"]]
        assert names == ["model", "conversation", "channel", "lead", "from", "agent", "recording"]
