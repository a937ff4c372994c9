"""Erasing and showing a person over the API: looked at, asked for, carried out, proved."""

import asyncio
from typing import Any
from uuid import UUID

from api_server import ApiServer, StartApi, error_of

from pipelines.tools.port import ToolContext
from storage.conversations.records import ConversationRecord

NUMBER = "+14155550132"
EMAIL = "ada@example.com"


async def json(answer: Any, status: int = 200) -> Any:
    async with answer as found:
        assert found.status == status, await found.text()
        return await found.json()


async def refused(answer: Any, status: int) -> str:
    async with answer as found:
        assert found.status == status, await found.text()
        return str((await error_of(found))["code"])


async def finished(api: ApiServer, erasure_id: str) -> Any:
    async with asyncio.timeout(20):
        while True:
            erasure = await json(api.operator.get(f"/api/erasures/{erasure_id}"))
            if erasure["status"] == "finished":
                return erasure
            await asyncio.sleep(0.02)


async def test_a_person_is_looked_at_erased_and_not_called_again(start_api: StartApi) -> None:
    api = await start_api(TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="t", TWILIO_FROM_NUMBER="+14155550100",
                          PUBLIC_URL="https://agent.example.com")  # fmt: skip
    lead = await json(api.operator.post("/api/leads", json={"contact_phone": NUMBER, "contact_email": EMAIL}), 201)
    await json(api.operator.patch(f"/api/leads/{lead['id']}", json={"opted_out": True}))
    body = {"phone": "(415) 555-0132"}
    looked = await json(api.operator.post("/api/erasures", json={**body, "dry_run": True}))
    lines = {line["kind"]: (line["count"], line["fate"]) for line in looked["plan"]["lines"]}
    assert lines == {"leads": (1, "erased"), "do_not_call": (1, "kept")}
    shown = await json(api.operator.get("/api/people/export", params={"email": EMAIL}))
    assert {each["kind"] for each in shown["records"]} == {"leads", "do_not_call"}
    assert next(each["record"] for each in shown["records"] if each["kind"] == "leads")["contact_phone"] == NUMBER
    asked = await json(api.operator.post("/api/erasures", json=body), 202)
    done = await finished(api, asked["erasure"]["id"])
    assert (done["counts"], done["subject"]) == ({"leads": 1, "do_not_call": 1}, None)
    assert await refused(api.operator.get(f"/api/leads/{lead['id']}"), 404) == "lead_not_found"
    assert await refused(api.operator.get("/api/people/export", params={"email": EMAIL}), 404) == "person_not_found"
    again = await json(api.operator.post("/api/erasures", json=body), 200)
    assert again["erasure"]["id"] == done["id"]

    listed = await json(api.operator.get("/api/do-not-call"))
    assert listed["items"] == [], "nobody is named"
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": NUMBER}))
    assert (checked["suppressed"], checked["entry"]) == (True, None)
    consent = {"kind": "express_written", "source": "form"}
    await json(api.operator.put(f"/api/consents/{NUMBER}", json=consent))
    call = await json(api.operator.post("/api/calls", json={"to": NUMBER}), 403)
    assert call["error"]["code"] == "do_not_call", "whoever they were, they asked for peace"
    async with api.operator.delete(f"/api/do-not-call/{NUMBER}") as answer:
        assert answer.status == 204
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": NUMBER}))
    assert checked["suppressed"] is False


async def test_who_may_and_what_is_refused(api: ApiServer) -> None:
    headers = await api.key("read", "write")
    for answer in (
        api.client.post("/api/erasures", json={"email": EMAIL}, headers=headers),
        api.client.get("/api/erasures", headers=headers),
        api.client.get("/api/people/export", params={"email": EMAIL}, headers=headers),
    ):
        assert await refused(answer, 403) == "insufficient_permissions"
    assert await refused(api.operator.post("/api/erasures", json={}), 422) == "person_unnamed"
    assert await refused(api.operator.post("/api/erasures", json={"email": "x"}), 422) == "email_invalid"
    both = {"email": EMAIL, "phone": NUMBER}
    assert await refused(api.operator.post("/api/erasures", json=both), 422) == "person_unnamed"
    assert await refused(api.operator.get("/api/erasures/none"), 404) == "erasure_not_found"
    for name in ("a", "b"):
        lead = {"contact_phone": NUMBER, "contact_email": f"{name}@example.com"}
        await json(api.operator.post("/api/leads", json=lead), 201)
    assert await refused(api.operator.post("/api/erasures", json={"phone": NUMBER}), 409) == "several_people"
    assert await refused(api.operator.get("/api/people/export", params={"phone": NUMBER}), 409) == "several_people"
    unknown = await json(api.operator.post("/api/erasures", json={"email": "nobody@example.com", "dry_run": True}))
    assert unknown["plan"] == {"lines": [], "waits_for": {}, "sharing_number": 0}


async def test_a_wish_is_a_request_that_an_operator_confirms_or_dismisses(api: ApiServer) -> None:
    lead = await json(api.operator.post("/api/leads", json={"contact_email": EMAIL}), 201)
    now = api.services.utc_now()
    for name, whose in (("conv_known", UUID(lead["id"])), ("conv_unknown", None)):
        await api.services.conversations.create(
            ConversationRecord(id=name, channel="widget", lead_id=whose, created_at=now, updated_at=now)
        )
    tool = api.services.engines.tools["request_erasure"]
    for name, who in (("conv_known", UUID(lead["id"])), ("conv_known", UUID(lead["id"])), ("conv_unknown", None)):
        await tool.run({}, ToolContext(idempotency_key=f"{name}-call", conversation_id=name, lead_id=who))
    listed = (await json(api.operator.get("/api/erasures?status=requested")))["items"]
    unknown, known = listed
    assert (known["subject"], known["source"]) == ({"lead_id": lead["id"]}, "caller"), "said twice, it is one"
    assert unknown["subject"] is None
    await json(api.operator.get(f"/api/leads/{lead['id']}"))  # nothing happened by itself
    path = f"/api/erasures/{unknown['id']}"
    assert await refused(api.operator.post(f"{path}/confirm", json={}), 422) == "person_unnamed"
    assert (await json(api.operator.post(f"{path}/dismiss")))["status"] == "dismissed"
    assert await refused(api.operator.post(f"{path}/dismiss"), 409) == "erasure_settled"
    confirmed = await json(api.operator.post(f"/api/erasures/{known['id']}/confirm", json={}), 202)
    assert confirmed["status"] in ("queued", "waiting", "running")
    assert await refused(api.operator.post(f"/api/erasures/{known['id']}/confirm", json={}), 409) == "erasure_settled"
