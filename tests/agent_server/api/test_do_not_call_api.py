"""Whom nobody may call, and who agreed to be called, over the API."""

from typing import Any

from api_server import ApiServer, error_of

NUMBER = "+14155550132"


async def json(answer: Any, status: int = 200) -> Any:
    async with answer as found:
        assert found.status == status, await found.text()
        return await found.json()


async def test_a_number_is_put_on_the_list_found_and_taken_off(api: ApiServer) -> None:
    added = await json(
        api.operator.post("/api/do-not-call", json={"number": "(415) 555-0132", "reason": "letter"}), 201
    )
    assert (added["number"], added["reason"], added["source"]) == (NUMBER, "letter", "operator")
    again = await json(api.operator.post("/api/do-not-call", json={"number": NUMBER, "reason": "other"}), 201)
    assert again == added, "the first reason stays"
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": "415-555-0132"}))
    assert (checked["suppressed"], checked["entry"], checked["consent"]) == (True, added, None)
    async with api.operator.delete(f"/api/do-not-call/{NUMBER}") as answer:
        assert answer.status == 204
    async with api.operator.delete(f"/api/do-not-call/{NUMBER}") as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (404, "number_not_found")
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": NUMBER}))
    assert (checked["suppressed"], checked["entry"]) == (False, None)
    async with api.operator.post("/api/do-not-call", json={"number": "12"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (422, "number_invalid")


async def test_a_table_of_numbers_is_imported(api: ApiServer) -> None:
    text = "name;phone\nJane;(415) 555-0132\nJoe;+44 20 7946 0000\nJim;12\n\nJane again;415.555.0132\n"
    headers = {"Content-Type": "text/csv"}
    path = "/api/do-not-call/import?reason=registry"
    first = await json(api.operator.post(path, data=text.encode(), headers=headers))
    assert (first["added"], first["present"], first["unreadable"]) == (2, 0, 1)
    assert [error["line"] for error in first["errors"]] == [4]
    again = await json(api.operator.post(path, data=text.encode(), headers=headers))
    assert (again["added"], again["present"]) == (0, 2)
    page = await json(api.operator.get("/api/do-not-call?limit=1&source=import"))
    rest = await json(api.operator.get("/api/do-not-call", params={"limit": 1, "cursor": page["next_cursor"]}))
    assert {each["number"] for each in page["items"] + rest["items"]} == {NUMBER, "+442079460000"}
    assert rest["next_cursor"] is None


async def test_an_opt_out_covers_every_number_of_a_lead_until_it_is_taken_back(api: ApiServer) -> None:
    known = {"contact_phone": NUMBER, "contact_name": "Ann Lee", "company_name": "Acme"}
    lead = await json(api.operator.post("/api/leads", json=known), 201)
    await json(api.operator.patch(f"/api/leads/{lead['id']}", json={"opted_out": True}))
    await json(api.operator.patch(f"/api/leads/{lead['id']}", json={"contact_phone": "+14155550133"}))
    listed = await json(api.operator.get("/api/do-not-call?source=opt_out"))
    assert {each["number"] for each in listed["items"]} == {NUMBER, "+14155550133"}
    whose = {(each["lead_id"], each["contact_name"], each["company_name"]) for each in listed["items"]}
    assert whose == {(lead["id"], "Ann Lee", "Acme")}
    await json(api.operator.patch(f"/api/leads/{lead['id']}", json={"opted_out": False}))
    assert (await json(api.operator.get("/api/do-not-call")))["items"] == []


async def test_who_opted_out_is_called_at_no_number_also_once_one_is_off_the_list(api: ApiServer) -> None:
    lead = await json(api.operator.post("/api/leads", json={"contact_phone": NUMBER, "contact_name": "Ann"}), 201)
    await json(api.operator.patch(f"/api/leads/{lead['id']}", json={"opted_out": True}))
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": NUMBER}))
    assert (checked["suppressed"], checked["unwanted"]) == (True, True)
    async with api.operator.delete(f"/api/do-not-call/{NUMBER}") as answer:
        assert answer.status == 204
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": NUMBER}))
    assert (checked["suppressed"], checked["unwanted"], checked["entry"]) == (False, True, None)
    checked = await json(api.operator.get("/api/do-not-call/check", params={"number": "+14155550199"}))
    assert (checked["suppressed"], checked["unwanted"]) == (False, False)


async def test_consent_is_kept_with_its_source_and_its_end(api: ApiServer) -> None:
    path = f"/api/consents/{NUMBER}"
    async with api.operator.get(path) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (404, "consent_not_found")
    async with api.operator.put(path, json={"kind": "existing_relationship", "source": "bought"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (422, "valid_until_missing")
    body = {"kind": "express_written", "source": "web form", "given_at": "2026-03-02T10:00:00Z"}
    put = await json(api.operator.put(path, json=body))
    assert (put["kind"], put["source"], put["given_at"]) == ("express_written", "web form", "2026-03-02T10:00:00Z")
    assert put["recorded_by"]
    lead = await json(api.operator.post("/api/leads", json={"contact_phone": NUMBER, "contact_name": "Ann Lee"}), 201)
    of_lead = f"/api/leads/{lead['id']}/consent"
    assert await json(api.operator.get(of_lead)) == put, "it is the number's"
    taken_back = await json(api.operator.put(of_lead, json={"kind": "none", "source": "said so"}))
    assert (taken_back["kind"], taken_back["lead_id"]) == ("none", lead["id"])
    assert (await json(api.operator.get("/api/consents")))["items"] == [
        taken_back | {"contact_name": "Ann Lee", "company_name": None}
    ]

    nobody = await json(api.operator.post("/api/leads", json={"company_name": "Acme"}), 201)
    async with api.operator.put(f"/api/leads/{nobody['id']}/consent", json=body) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "lead_without_number")


async def test_who_may_only_read_changes_nothing(api: ApiServer) -> None:
    headers = await api.key("read")
    for method, path in (
        ("POST", "/api/calls"),
        ("POST", "/api/do-not-call"),
        ("PUT", f"/api/consents/{NUMBER}"),
        ("DELETE", f"/api/do-not-call/{NUMBER}"),
    ):
        async with api.client.request(method, path, json={}, headers=headers) as answer:
            assert answer.status == 403
