"""Whatever is sent to any door, the answer is one that the OpenAPI document tells of, and no error of the server's.

DOORS_FUZZ_REQUESTS sends more to each than the default.
"""

import json
import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from aiohttp import ClientTimeout
from api_server import ApiServer
from test_leads_api_fuzz import TEXTS, value
from yarl import URL

REQUESTS = int(os.environ.get("DOORS_FUZZ_REQUESTS", "4"))
LEFT_OUT = ("/v1/realtime", "/api/keys/{id}")
"""A conversation would begin, or the test's own key end."""


def doors(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        if path not in LEFT_OUT:
            yield from ((method, path, operation) for method, operation in item.items())


class Visitor:
    """Fills in what an operation takes: of the right form as often as not."""

    def __init__(self, chance: random.Random, schemas: dict[str, Any]) -> None:
        self.chance = chance
        self.schemas = schemas

    def address(self, path: str, operation: dict[str, Any]) -> URL:
        named = {p["name"]: quote(self._id(), safe="") for p in operation["parameters"] if p["in"] == "path"}
        url = URL(path.format(**named), encoded=True)
        asked = [p for p in operation["parameters"] if p["in"] == "query" and self.chance.random() < 0.3]
        return url.with_query({p["name"]: str(self.fitting(p["schema"]))[:2000] for p in asked})

    def body(self, operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return {}
        kind = self.chance.choice(list(content))
        if kind == "application/json":
            sent = json.dumps(self.fitting(content[kind]["schema"])).encode()
        else:
            sent = self.chance.choice(TEXTS).encode() + self.chance.randbytes(self.chance.randrange(40))
        return {"data": sent, "headers": {"Content-Type": kind}}

    def fitting(self, schema: dict[str, Any], depth: int = 0) -> Any:
        if self.chance.random() < 0.15 or depth > 5:
            return value(self.chance, 2)
        if "$ref" in schema:
            return self.fitting(self.schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            return self.fitting(self.chance.choice(schema["anyOf"]), depth)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                names = [n for n in schema.get("properties", {}) if n in schema.get("required", ()) or self._maybe()]
                return {name: self.fitting(schema["properties"][name], depth + 1) for name in names}
            case "array":
                return [self.fitting(schema.get("items", {}), depth + 1) for _ in range(self.chance.randrange(3))]
            case "integer" | "number":
                return self.chance.choice((schema.get("minimum", 0), schema.get("maximum", 5), 1, 2))
            case "boolean":
                return self._maybe()
            case "string" if schema.get("format") == "date-time":
                return self.chance.choice(
                    ("2027-03-01T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
                )
            case "string":
                return self.chance.choice((*TEXTS, "+14155550132", "jane@acme.com", "https://a.example/x"))
        return value(self.chance, 2)

    def _maybe(self) -> bool:
        return self.chance.random() < 0.5

    def _id(self) -> str:
        return self.chance.choice((*(text for text in TEXTS if text and "\0" not in text), "default", "close"))[:200]


async def test_every_answer_is_one_that_the_document_tells_of(api: ApiServer) -> None:
    async with api.client.get("/api/openapi.json") as response:
        document = await response.json()
    visitor = Visitor(random.Random(20261201), document["components"]["schemas"])
    untold = []
    for method, path, operation in doors(document):
        for _ in range(REQUESTS):
            url, body = visitor.address(path, operation), visitor.body(operation)
            async with api.operator.request(method, url, timeout=ClientTimeout(20), **body) as response:
                told = operation["responses"].get(str(response.status))
                if told is None or response.status == 500:
                    untold.append((response.status, method, str(url)[:200], str(body)[:300]))
                elif response.status >= 400 and response.content_type == "application/json" and path != "/api/health":
                    error = (await response.json())["error"]
                    assert error["code"] and error["message"], (method, url)
    assert untold == []
