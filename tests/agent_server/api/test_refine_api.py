"""Refinement over REST."""

from api_server import ApiServer, error_of


async def test_a_text_is_refined(api: ApiServer) -> None:
    body = {"text": "We utilize tools in order to help. [NAME]", "instructions": "Plain.", "max_rounds": 2}
    async with api.operator.post("/api/refine", json=body) as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
    assert found["text"] == "We use tools to help. [NAME]"
    assert (found["content"], found["engine"], found["cost_usd"]) == (False, "rules", 0)
    assert [entry["code"] for entry in found["problems"]] == ["placeholder"]
    assert found["latency_ms"] > 0 and found["thread_id"]
    for wrong, param in (({}, "text"), ({"text": " "}, "text"), ({"text": "x", "max_rounds": 9}, "max_rounds")):
        async with api.operator.post("/api/refine", json=wrong) as answer:
            assert (answer.status, (await error_of(answer))["param"]) == (400, param)
    reader = await api.key("read")
    async with api.client.post("/api/refine", json=body, headers=reader) as answer:
        assert answer.status == 403
