"""Replies token by token."""

from api_server import ApiServer, error_of
from test_langgraph import parsed


async def test_the_words_come_as_they_are_made(api: ApiServer) -> None:
    async with api.operator.post("/api/streaming", json={"message": "What does it cost?"}) as response:
        assert response.content_type == "text/event-stream"
        events = parsed((await response.read()).decode())
    words = "".join(event["data"]["text"] for event in events if event["kind"] == "token")
    assert words.strip() == "It costs fifty dollars a month."
    conversation = events[-1]["data"]["thread_id"]
    body = {"message": "Thanks", "conversation": conversation}
    async with api.operator.post("/api/streaming", json=body) as response:
        assert parsed((await response.read()).decode())[-1]["data"]["thread_id"] == conversation


async def test_nothing_said_is_refused(api: ApiServer) -> None:
    async with api.operator.post("/api/streaming", json={"message": ""}) as response:
        assert (response.status, (await error_of(response))["code"]) == (400, "invalid_value")
