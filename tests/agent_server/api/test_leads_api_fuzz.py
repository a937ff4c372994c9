"""Whatever is sent to the doors of leads and costs, the answer is a success or a coded refusal.

LEADS_FUZZ_REQUESTS sends more than the default.
"""

import json
import os
import random
from typing import Any

from api_server import ApiServer, error_of

from agent_server.api.leads import LeadChanges, LeadQuery, NewLead
from agent_server.api.reports import CostQuery, ExecutionQuery

REQUESTS = int(os.environ.get("LEADS_FUZZ_REQUESTS", "300"))
TEXTS = (
    "", " ", "Acme", "jane@acme.com", "null", "0", "-1", "1e999", "NaN", "true", "\0", "\ud7ff\U0010ffff",
    "\u202e\u0000x", "'; DROP TABLE leads; --", "%' OR 1=1 --", "\\'", "$1", "%(email)s", "a:* | !b", "' & '':*",
    "<script>", "../../etc/passwd", "9" * 400, "x" * 301, "é" * 10_000, "2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "00000000-0000-0000-0000-000000000000", "pending", "qualified", "score", "hot", "WyJhIl0", "kgDZIQ",
)  # fmt: skip
NUMBERS = (0, -1, 1, 100, 101, 1000, 2**31, 2**63, 2**64, 10**400, -(2**63) - 1, 0.5, 1e308, -0.0)


def value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 3 else 5)
    match kind:
        case 0 | 1 | 2:
            return chance.choice(TEXTS)
        case 3:
            return chance.choice(NUMBERS)
        case 4:
            return chance.choice((None, True, False))
        case 5:
            return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
        case _:
            return {chance.choice(TEXTS)[:50]: value(chance, depth + 1) for _ in range(chance.randrange(4))}


def body(chance: random.Random, fields: tuple[str, ...]) -> bytes:
    if chance.random() < 0.1:
        return chance.choice(
            (b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"a":' * 5000, b'"\\ud800"', b"{}" * 2, b"1" * 5000)
        )
    chosen = chance.sample(fields, chance.randrange(1, min(5, len(fields)) + 1))
    return json.dumps({name: value(chance) for name in chosen}).encode()


def query(chance: random.Random, fields: tuple[str, ...]) -> dict[str, str]:
    chosen = chance.sample(fields, chance.randrange(1, min(4, len(fields)) + 1))
    return {name: str(chance.choice((*TEXTS, *NUMBERS)))[:3000] for name in chosen}


async def test_every_answer_is_a_success_or_a_coded_refusal(api: ApiServer) -> None:
    chance = random.Random(20260301)
    async with api.operator.post("/api/leads", json={"company_name": "Acme", "custom": {"a": 1}}) as response:
        lead = (await response.json())["id"]
    statuses: dict[int, int] = {}
    headers = {"Content-Type": "application/json"}
    for _ in range(REQUESTS):
        match chance.randrange(7):
            case 0:
                sent = ("POST", "/api/leads", {"data": body(chance, NewLead.__struct_fields__), "headers": headers})
            case 1:
                data = body(chance, LeadChanges.__struct_fields__)
                sent = ("PATCH", f"/api/leads/{lead}", {"data": data, "headers": headers})
            case 2:
                data = body(chance, ("lead_ids", "lead"))
                sent = ("POST", "/api/leads/qualify", {"data": data, "headers": headers})
            case 3:
                sent = ("GET", "/api/leads", {"params": query(chance, LeadQuery.__struct_fields__)})
            case 4:
                sent = ("GET", "/api/reports/costs", {"params": query(chance, CostQuery.__struct_fields__)})
            case 5:
                sent = ("GET", "/api/reports/executions", {"params": query(chance, ExecutionQuery.__struct_fields__)})
            case _:
                data = "\n".join(",".join(chance.choices(TEXTS, k=4)) for _ in range(5)).encode(
                    "utf-8", "surrogatepass"
                )
                data = chance.choice((b"email,company\n", b"", b"\xef\xbb\xbfname;e-mail\n", b"\0\n")) + data
                sent = ("POST", "/api/leads/import", {"data": data, "headers": {"Content-Type": "text/csv"}})
        method, path, options = sent
        async with api.operator.request(method, path, **options) as response:
            assert response.status < 500, (method, path, options, await response.text())
            statuses[response.status] = statuses.get(response.status, 0) + 1
            if response.status >= 400:
                await error_of(response)
            else:
                await response.json()
    assert {200, 400} <= set(statuses)
    async with api.operator.get(f"/api/leads/{lead}") as response:
        assert response.status == 200
