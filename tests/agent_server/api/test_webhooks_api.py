"""Webhooks through the API: made, tried, changed, listed, sent again; nobody without the scope `admin` sees them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from api_server import ApiServer, error_of
from standardwebhooks import Webhook

from simulators.webhook_receiver import Received, WebhookReceiver
from storage.postgres.named_query import Query


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as one:
        yield await one.start()


async def ask(api: ApiServer, method: str, path: str, status: int = 200, **about: Any) -> Any:
    async with api.operator.request(method, path, **about) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json() if answer.content_type == "application/json" else None


async def refused(api: ApiServer, method: str, path: str, **about: Any) -> tuple[int, str]:
    async with api.operator.request(method, path, **about) as answer:
        return answer.status, (await error_of(answer))["code"]


async def test_a_webhook_from_its_making_to_its_end(api: ApiServer, receiver: WebhookReceiver) -> None:
    asked = {"url": receiver.url, "events": ["lead.created", "lead.created"], "description": " the CRM "}
    made = await ask(api, "POST", "/api/webhooks", 201, json=asked)
    receiver.secret, path = made.pop("secret"), f"/api/webhooks/{made['id']}"
    assert (made["events"], made["description"], made["enabled"]) == (["lead.created"], "the CRM", True)
    assert await ask(api, "GET", path) == made
    assert await refused(api, "POST", "/api/webhooks", json=asked) == (409, "webhook_url_taken")

    tested = await ask(api, "POST", f"{path}/test")
    assert (tested["status"], tested["answer_status"], tested["answer"]) == ("delivered", 200, "Thank you.")
    assert tested["body"] == receiver.events("webhook.test")[0]

    lead = await ask(api, "POST", "/api/leads", 201, json={"contact_email": "ann@one.test"})
    (listed,) = await until_delivered(api, path, "lead.created")
    one = receiver.received[-1]
    assert Webhook(receiver.secret).verify(one.body, dict(one.headers))["data"]["lead"]["id"] == lead["id"]
    whole = await ask(api, "GET", f"{path}/deliveries/{listed['id']}")
    assert whole["body"] == one.event and listed.items() <= whole.items()
    assert (listed["event_id"], listed["next_at"]) == (one.id, None)

    again = await ask(api, "POST", f"{path}/deliveries/{listed['id']}/redeliver", 202)
    assert (again["status"], again["attempts"]) == ("waiting", 0)
    await until_delivered(api, path, "lead.created")
    assert receiver.received[-1].id == one.id and receiver.received[-1].again

    changed = await ask(api, "PATCH", path, json={"enabled": False, "events": ["*"]})
    assert (changed["enabled"], changed["disabled_reason"], changed["url"]) == (False, "person", receiver.url)
    assert [hour["delivered"] for hour in changed["hours"]] == [2]
    assert (await ask(api, "PATCH", path, json={"enabled": True}))["disabled_reason"] is None
    rotated = await ask(api, "POST", f"{path}/rotate-secret")
    assert rotated["secret"].startswith("whsec_") and rotated["secret"] != receiver.secret
    assert (await ask(api, "POST", f"{path}/test"))["status"] == "delivered", "with the secret before, still"

    await ask(api, "DELETE", path, 204)
    assert await refused(api, "GET", path) == (404, "webhook_not_found")
    rows = await api.services.database.fetch_value(Query("left", "SELECT count(*) FROM webhook_deliveries"))
    assert rows == 0


async def until_delivered(api: ApiServer, path: str, kind: str) -> list[dict[str, Any]]:
    while True:
        found = (await ask(api, "GET", f"{path}/deliveries", params={"type": kind}))["items"]
        if found and all(one["status"] == "delivered" for one in found):
            return list(found)


async def test_what_failed_is_found_and_sent_again(api: ApiServer, receiver: WebhookReceiver) -> None:
    made = await ask(api, "POST", "/api/webhooks", 201, json={"url": receiver.url, "events": ["lead.created"]})
    path = f"/api/webhooks/{made['id']}"

    async def refuse(_: Received) -> web.StreamResponse:
        return web.Response(status=500, text="x" * 600)

    receiver.secret, receiver.respond = made["secret"], refuse
    tested = await ask(api, "POST", f"{path}/test")
    assert (tested["status"], tested["answer_status"], len(tested["answer"])) == ("given_up", 500, 500)
    for number in range(3):
        await ask(api, "POST", "/api/leads", 201, json={"contact_name": f"Ann {number}"})
    while (await ask(api, "GET", path))["failing_since"] is None:
        pass
    waiting = await ask(api, "GET", f"{path}/deliveries", params={"status": "waiting", "limit": 2})
    assert len(waiting["items"]) == 2 and waiting["next_cursor"]
    rest = await ask(api, "GET", f"{path}/deliveries", params={"cursor": waiting["next_cursor"], "status": "waiting"})
    assert len(rest["items"]) == 1
    await api.services.database.execute(
        Query("give_up", "UPDATE webhook_deliveries SET status = 'given_up', claimed_until = '-infinity'")
    )
    receiver.respond = WebhookReceiver().respond
    body = {"since": "2026-01-01T00:00:00Z"}
    assert await ask(api, "POST", f"{path}/redeliver", json=body) == {"deliveries": 3}, "a test is no event"
    assert len(await until_delivered(api, path, "lead.created")) == 3
    assert await ask(api, "POST", f"{path}/redeliver", json=body) == {"deliveries": 0}


async def test_refusals_say_what_to_do(api: ApiServer) -> None:
    good = {"url": "https://example.com/hooks", "events": ["lead.created"]}
    for change, answer in (
        ({"url": "ftp://example.com"}, (422, "webhook_url_invalid")),
        ({"url": "https://10.0.0.1/"}, (422, "webhook_address_not_allowed")),
        ({"events": []}, (400, "invalid_value")),
        ({"events": ["lead.imagined"]}, (400, "invalid_value")),
        ({"wrong": 1}, (400, "unknown_parameter")),
    ):
        assert await refused(api, "POST", "/api/webhooks", json=good | change) == answer, change
    nobody = f"/api/webhooks/{uuid4().hex}"
    for method, path in (
        ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate-secret"), ("POST", "/test"),
        ("GET", "/deliveries"), ("GET", "/deliveries/whd_1"), ("POST", "/deliveries/whd_1/redeliver"),
    ):  # fmt: skip
        asked = {"json": {}} if method == "PATCH" else {}
        assert await refused(api, method, nobody + path, **asked) == (404, "webhook_not_found"), path
    made = await ask(api, "POST", "/api/webhooks", 201, json=good)
    path = f"/api/webhooks/{made['id']}"
    assert await refused(api, "GET", f"{path}/deliveries/whd_1") == (404, "delivery_not_found")
    assert await refused(api, "PATCH", path, json={"url": "http://8.8.8.8/"}) == (422, "webhook_address_not_allowed")
    assert await refused(api, "POST", f"{path}/redeliver", json={"since": "2026-01-01"}) == (400, "invalid_value")
    for number in range(24):
        await ask(api, "POST", "/api/webhooks", 201, json=good | {"url": f"https://example.com/{number}"})
    assert await refused(api, "POST", "/api/webhooks", json=good | {"url": "https://example.com/more"}) == (
        409,
        "webhooks_full",
    )
    assert len((await ask(api, "GET", "/api/webhooks"))["items"]) == 25
    other = (await ask(api, "GET", "/api/webhooks"))["items"][0]
    assert await refused(api, "PATCH", path, json={"url": other["url"]}) == (409, "webhook_url_taken")


async def test_only_who_manages_keys_sees_them_and_every_kind_has_an_example(api: ApiServer) -> None:
    for scope, status in (("read", 403), ("write", 403), ("admin", 200)):
        for path in ("/api/webhooks", "/api/webhooks/events"):
            async with api.client.get(path, headers=await api.key(scope)) as answer:
                assert answer.status == status, (scope, path)
    kinds = (await ask(api, "GET", "/api/webhooks/events"))["items"]
    documented = (await ask(api, "GET", "/api/openapi.json"))["webhooks"]
    assert [kind["type"] for kind in kinds] == list(documented)
    for kind in kinds:
        content = documented[kind["type"]]["post"]["requestBody"]["content"]["application/json"]
        assert content["example"] == kind["example"]
        assert kind["example"]["type"] == kind["type"] and kind["meaning"]
        assert content["schema"]["properties"]["data"]["$ref"]
    asked = {"url": "http://127.0.0.1:9/", "events": ["lead.created"]}
    await ask(api, "POST", "/api/webhooks", 201, json=asked)
    await ask(api, "POST", "/api/leads", 201, json={"contact_name": "Ann"})
    async with api.client.get("/metrics") as answer:
        figures = await answer.text()
    assert "sales_agent_webhooks_waiting 1.0" in figures
    assert "sales_agent_webhooks_oldest_seconds" in figures
