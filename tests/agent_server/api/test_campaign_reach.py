"""Whom a campaign would reach, told before anything is planned."""

from api_server import ApiServer, error_of

LEADS = (
    {"contact_email": "ann@one.test", "industry": "bakery"},
    {"contact_email": "bob@two.test", "industry": "bakery"},
    {"contact_email": "no@consent.test", "industry": "bakery", "custom": {"consent": "no"}},
    {"contact_name": "Nobody", "industry": "bakery"},
    {"contact_email": "other@trade.test", "industry": "steel"},
)


async def test_an_audience_is_counted_as_a_campaign_would_be_and_nothing_is_planned(api: ApiServer) -> None:
    for lead in LEADS:
        async with api.operator.post("/api/leads", json=lead) as answer:
            assert answer.status == 201
    reader = await api.key("read")
    for body, messages, skipped in (
        ({}, 3, {"no_consent": 1, "no_email": 1}),
        ({"audience": {"industry": "bakery"}}, 2, {"no_consent": 1, "no_email": 1}),
        ({"audience": {"industry": "steel"}}, 1, {}),
        ({"audience": {"industry": "none"}}, 0, {}),
        ({"max_leads": 1}, 1, {}),
    ):
        async with api.client.post("/api/campaigns/audience", json=body, headers=reader) as answer:
            assert answer.status == 200, await answer.text()
            assert await answer.json() == {"messages": messages, "skipped": skipped}
        async with api.operator.post("/api/campaigns", json={"name": "N", "goal": "G", **body}) as answer:
            planned = await answer.json()
        assert (planned["messages"]["waiting"], planned["skipped"]) == (messages, skipped)
    async with api.client.post("/api/campaigns/audience", json={"audience": {"x": 1}}, headers=reader) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (400, "unknown_parameter")
