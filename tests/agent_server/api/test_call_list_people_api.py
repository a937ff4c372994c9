"""Who is on a call list as things change around it, and a list that goes, over the API."""

from typing import Any

from api_server import ApiServer, error_of

NUMBER = "+14155550132"


async def asked(api: ApiServer, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    async with getattr(api.operator, method)(path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json() if status != 204 else None


async def refused(api: ApiServer, method: str, path: str) -> tuple[int, str]:
    async with getattr(api.operator, method)(path) as answer:
        return answer.status, (await error_of(answer))["code"]


async def test_a_consent_lets_somebody_in_and_the_do_not_call_list_takes_them_out_at_once(api: ApiServer) -> None:
    lead = await asked(api, "post", "/api/leads", {"contact_phone": NUMBER}, 201)
    made = await asked(api, "post", "/api/call-lists", {"name": "Spring", "purpose": "your trial"}, 201)
    place = f"/api/call-lists/{made['id']}"
    (entry,) = (await asked(api, "get", f"{place}/entries"))["items"]
    again = f"{place}/entries/{entry['id']}/again"
    assert (entry["status"], entry["reason"]) == ("left_out", "no_consent")
    assert await refused(api, "post", again) == (409, "no_consent")
    consent = {"kind": "express_written", "source": "web form"}
    await asked(api, "put", f"/api/leads/{lead['id']}/consent", consent)
    await asked(api, "post", again, status=204)
    assert await refused(api, "post", again) == (409, "entry_state")
    assert (await asked(api, "get", place))["people"]["waiting"] == 1

    await asked(api, "post", "/api/do-not-call", {"number": NUMBER}, 201)
    found = await asked(api, "get", place)
    assert (found["people"]["waiting"], found["results"]) == (0, {"do_not_call": 1})
    assert await refused(api, "post", again) == (409, "do_not_call")
    await asked(api, "delete", f"/api/do-not-call/{NUMBER}", status=204)
    await asked(api, "post", again, status=204)

    for path in (f"{place}/entries/nobody/again", f"{place}/entries/{made['id']}/again"):
        assert await refused(api, "post", path) == (404, "entry_not_found")
    await asked(api, "delete", place, status=204)
    assert await refused(api, "delete", place) == (404, "call_list_not_found")
    assert (await asked(api, "get", f"/api/leads/{lead['id']}"))["contact_phone"] == NUMBER


async def test_a_list_that_is_over_is_put_away_and_had_back(api: ApiServer) -> None:
    made = await asked(api, "post", "/api/call-lists", {"name": "Spring", "purpose": "your trial"}, 201)
    place = f"/api/call-lists/{made['id']}"

    async def listed(query: str = "") -> list[str]:
        return [each["id"] for each in (await asked(api, "get", f"/api/call-lists{query}"))["items"]]

    assert await refused(api, "post", f"{place}/archive") == (409, "call_list_state")
    await asked(api, "post", f"{place}/stop")
    away = await asked(api, "post", f"{place}/archive")
    assert (away["status"], away["archived_at"] is None) == ("stopped", False)
    assert (await listed(), await listed("?archived=true")) == ([], [made["id"]])
    assert (await asked(api, "post", f"{place}/unarchive"))["archived_at"] is None
    assert (await listed(), await listed("?archived=true")) == ([made["id"]], [])


async def test_what_is_enough_here_is_told_with_what_is_on_record(api: ApiServer) -> None:
    found = await asked(api, "get", "/api/do-not-call/check?number=%2B14155550132")
    assert found["enough"] == ["express_written"]
