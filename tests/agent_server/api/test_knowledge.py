"""Teaching the agent: over REST, in use by a conversation, and known to another process."""

import asyncio
import io
from typing import Any

import pytest
from api_server import ApiServer, StartApi, error_of
from msgspec import structs
from scripted_engines import scripted_engines

from pipelines.knowledge.taught import TaughtKnowledge
from storage.keys.secret_tokens import utc_now
from storage.knowledge.topics import MOST_TOPICS, KnowledgeTopics
from storage.postgres.database import Database

PRICE = {"title": "How much does it cost? Prices", "text": "Ten dollars a month for each person."}


async def taught(api: ApiServer, **topic: str) -> dict[str, Any]:
    async with api.operator.post("/api/knowledge", json=PRICE | topic) as answer:
        assert answer.status == 201
        kept: dict[str, Any] = await answer.json()
    return kept


async def got(api: ApiServer, path: str, **query: str) -> dict[str, Any]:
    async with api.operator.get(f"/api/knowledge{path}", params=query) as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
    return body


async def passages(api: ApiServer, query: str) -> list[str]:
    return [passage["text"] for passage in (await got(api, "/search", query=query))["passages"]]


async def test_the_example_goes_when_the_first_topic_comes_and_comes_back_with_the_last(api: ApiServer) -> None:
    before = await got(api, "/status")
    assert before == {"subject": "Acme Voice", "uses_example": True, "file_topics": 0, "stored_topics": 0}
    assert "49 dollars" in (await passages(api, "what does it cost"))[0]
    topic = await taught(api)
    assert await passages(api, "what does it cost") == [PRICE["text"]]
    assert await passages(api, "does it work with salesforce") == []
    assert await got(api, "/status") == {"subject": "", "uses_example": False, "file_topics": 0, "stored_topics": 1}
    async with api.operator.delete(f"/api/knowledge/{topic['id']}") as answer:
        assert answer.status == 204
    assert await got(api, "/status") == before


async def test_topics_are_listed_by_title_page_by_page_changed_and_forgotten(api: ApiServer) -> None:
    for title in ("B", "C", "A"):
        await taught(api, title=title)
    first = await got(api, "", limit="2")
    rest = await got(api, "", limit="2", cursor=first["next_cursor"])
    assert [topic["title"] for topic in first["items"] + rest["items"]] == ["A", "B", "C"]
    assert rest["next_cursor"] is None
    address = f"/api/knowledge/{first['items'][0]['id']}"
    async with api.operator.patch(address, json={"text": "Something else."}) as answer:
        changed = await answer.json()
    assert (changed["title"], changed["text"]) == ("A", "Something else.")
    async with api.operator.get(address) as answer:
        assert await answer.json() == changed
    async with api.operator.patch(address, json={"title": "b"}) as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "knowledge_title_taken")
    for method in ("get", "patch", "delete"):
        for missing in ("00000000-0000-0000-0000-000000000000", "x"):
            body = {"json": {"text": "x"}} if method == "patch" else {}
            async with getattr(api.operator, method)(f"/api/knowledge/{missing}", **body) as answer:
                assert (answer.status, (await error_of(answer))["code"]) == (404, "topic_not_found")


@pytest.mark.parametrize(
    ("topic", "param"),
    [({"title": "  "}, "title"), ({"text": ""}, "text"), ({"text": "x" * 4001}, "text"), ({"more": "x"}, "more")],
)
async def test_what_is_no_topic_is_refused(api: ApiServer, topic: dict[str, str], param: str) -> None:
    async with api.operator.post("/api/knowledge", json=PRICE | topic) as answer:
        assert answer.status == 400
        assert (await error_of(answer))["param"] == param


async def test_who_may_only_read_teaches_nothing(api: ApiServer) -> None:
    reader = await api.key("read")
    async with api.client.get("/api/knowledge/search", params={"query": "price"}, headers=reader) as answer:
        assert answer.status == 200
    async with api.client.post("/api/knowledge", json=PRICE, headers=reader) as answer:
        assert answer.status == 403


DOCUMENT = """# Widgets Inc.

We make widgets.

## How long does delivery take?
Two days.

It is free from ten widgets on.

## Prices
Ten dollars.
"""


async def taken_in(api: ApiServer, document: bytes, mode: str = "add", kind: str = "text/markdown") -> Any:
    address = f"/api/knowledge/import?mode={mode}"
    async with api.operator.post(address, data=io.BytesIO(document), headers={"Content-Type": kind}) as answer:
        return answer.status, (await answer.json())


async def test_a_document_is_taught_a_heading_a_topic(api: ApiServer) -> None:
    await taught(api, title="PRICES", text="Old.")
    await taught(api, title="Other")
    assert await taken_in(api, DOCUMENT.encode()) == (200, {"created": 2, "updated": 1, "deleted": 0})
    topics = {topic["title"]: topic["text"] for topic in (await got(api, ""))["items"]}
    assert topics == {
        "How long does delivery take?": "Two days. It is free from ten widgets on.",
        "Other": PRICE["text"],
        "PRICES": "Ten dollars.",
        "Widgets Inc.": "We make widgets.",
    }
    assert await taken_in(api, b"\xef\xbb\xbf" + DOCUMENT.encode(), "replace") == (
        200,
        {"created": 0, "updated": 3, "deleted": 1},
    )


@pytest.mark.parametrize(
    ("document", "kind", "status", "code"),
    [
        (b"", "text/markdown", 422, "knowledge_empty"),
        (b"# Only a heading", "text/markdown", 422, "knowledge_empty"),
        (b"\xff\xfe", "text/plain", 400, "unreadable_body"),
        (b"x" * (1024 * 1024 + 1), "text/plain", 413, "body_too_large"),
        (b"# A\n\n" + b"word " * 1000, "text/plain", 422, "knowledge_too_long"),
        (b"".join(b"# %d\nx\n" % n for n in range(MOST_TOPICS + 1)), "text/plain", 422, "knowledge_too_large"),
        (b"%PDF-1.7", "application/pdf", 415, "unsupported_media_type"),
    ],
)
async def test_what_is_no_document_is_refused_and_teaches_nothing(
    api: ApiServer, document: bytes, kind: str, status: int, code: str
) -> None:
    got_status, body = await taken_in(api, document, kind=kind)
    assert (got_status, body["error"]["code"]) == (status, code)
    assert (await got(api, "/status"))["stored_topics"] == 0


async def test_no_more_topics_are_kept_than_processes_hold(database: Database) -> None:
    topics = KnowledgeTopics(database)
    await topics.take_in([(str(n), "x") for n in range(MOST_TOPICS)], replace=False, now=utc_now())
    for many in (
        topics.create("one more", "x", now=utc_now()),
        topics.take_in([("y", "x")], replace=False, now=utc_now()),
    ):
        with pytest.raises(Exception, match=f"At most {MOST_TOPICS}"):
            await many
    assert len((await topics.all())[1]) == MOST_TOPICS


async def test_another_process_learns_of_it_and_a_conversation_answers_from_it(start_api: StartApi) -> None:
    one = await start_api()
    knowledge = TaughtKnowledge()
    other = await start_api(engines=structs.replace(scripted_engines(), knowledge=knowledge))
    await taught(one)
    async with asyncio.timeout(5):
        while knowledge.is_example:
            await asyncio.sleep(0.05)
    assert await passages(other, "what does it cost") == [PRICE["text"]]
