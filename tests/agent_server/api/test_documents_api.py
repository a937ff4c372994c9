"""Documents over REST: uploaded, read beside the server, answered from, and gone with what came of them."""

import asyncio
import io
from typing import Any

import aiohttp
import pdf_files
import pytest
from api_server import ApiServer, StartApi, error_of
from msgspec import structs
from scripted_engines import scripted_engines

from agent_server.knowledge import teaching
from agent_server.knowledge.document_work import MOST_READINGS
from pipelines.knowledge.taught import TaughtKnowledge
from storage.keys.secret_tokens import utc_now
from storage.knowledge.documents import Documents
from storage.knowledge.topics import MOST_TOPICS, KnowledgeTopics
from storage.postgres.database import Database

PDF = {"Content-Type": "application/pdf"}
TEXT = {"Content-Type": "text/markdown"}


async def uploaded(api: ApiServer, content: bytes, kind: dict[str, str] = PDF, **query: str) -> dict[str, Any]:
    async with api.operator.post("/api/documents", params=query, data=content, headers=kind) as answer:
        assert answer.status == 202, await answer.text()
        document: dict[str, Any] = await answer.json()
    return document


async def got(api: ApiServer, path: str, **query: str) -> Any:
    async with api.operator.get(path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def settled(api: ApiServer, document: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while document["status"] == "processing":
            await asyncio.sleep(0.05)
            document = await got(api, f"/api/documents/{document['id']}")
    return document


async def passages(api: ApiServer, query: str) -> list[str]:
    return [found["text"] for found in (await got(api, "/api/knowledge/search", query=query))["passages"]]


async def test_a_pdf_is_known_here_and_in_another_process_and_goes_with_its_topics(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "EVERY_S", 0.1)
    api = await start_api()
    knowledge = TaughtKnowledge()
    other = await start_api(engines=structs.replace(scripted_engines(), knowledge=knowledge))
    document = await uploaded(api, pdf_files.handbook(), name="Handbook.pdf")
    assert (document["name"], document["error"], document["topics"]) == ("Handbook.pdf", None, 0)
    document = await settled(api, document)
    assert (document["status"], document["pages"], document["topics"]) == ("ready", 1, 2)
    assert document["characters"] > 100
    answer = "Ten dollars a month for each person."
    async with asyncio.timeout(5):
        while answer not in await passages(api, "what does it cost") or knowledge.is_example:
            await asyncio.sleep(0.05)
    assert await passages(other, "what does it cost") == [answer]
    address = f"/api/documents/{document['id']}"
    topics = await got(api, f"{address}/topics", limit="1")
    more = await got(api, f"{address}/topics", cursor=topics["next_cursor"])
    assert [topic["title"] for topic in topics["items"] + more["items"]] == [
        "How long does delivery take?",
        "What does it cost?",
    ]
    assert {topic["document_id"] for topic in more["items"]} == {document["id"]}
    async with api.operator.get(f"{address}/text") as text:
        assert (text.content_type, "within the country" in await text.text()) == ("text/plain", True)
    async with api.operator.delete(address) as gone:
        assert gone.status == 204
    assert (await got(api, "/api/knowledge/status"))["stored_topics"] == 0
    async with asyncio.timeout(5):
        while not knowledge.is_example:
            await asyncio.sleep(0.05)
    for method in ("get", "delete"):
        async with getattr(api.operator, method)(address) as missing:
            assert (missing.status, (await error_of(missing))["code"]) == (404, "document_not_found")


async def test_titles_that_are_taken_a_newer_version_and_topics_of_ones_own(api: ApiServer) -> None:
    async with api.operator.post("/api/knowledge", json={"title": "WHAT DOES IT COST?", "text": "Ask me."}) as answer:
        assert answer.status == 201
    first = await settled(
        api, await uploaded(api, b"# What does it cost?\n\nTen dollars, as every month.", TEXT, name="Prices")
    )
    titles = [topic["title"] for topic in (await got(api, "/api/knowledge"))["items"]]
    assert sorted(titles) == ["WHAT DOES IT COST?", "What does it cost? (Prices)"]
    again = await settled(
        api,
        await uploaded(
            api, b"# What does it cost?\n\nTwenty dollars, as every month.", TEXT, name="prices", mode="replace"
        ),
    )
    assert (again["status"], again["topics"]) == ("ready", 1)
    assert (
        [document["id"] for document in (await got(api, "/api/documents"))["items"]] == [again["id"]] != [first["id"]]
    )
    async with api.operator.post("/api/knowledge/import?mode=replace", data=b"# Other\nx", headers=TEXT) as answer:
        assert await answer.json() == {"created": 1, "updated": 0, "deleted": 1}
    titles = [topic["title"] for topic in (await got(api, "/api/knowledge"))["items"]]
    assert sorted(titles) == ["Other", "What does it cost? (prices)"]


async def test_forms_names_and_types(api: ApiServer) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("note", "first")
    form.add_field(
        "file", pdf_files.handbook(), filename="C:/Files/Our handbook.PDF", content_type="application/octet-stream"
    )
    async with api.operator.post("/api/documents", data=form) as answer:
        document = await answer.json()
    assert (document["name"], document["media_type"]) == ("Our handbook.PDF", "application/pdf")
    async with api.operator.post("/api/documents", data=pdf_files.handbook(), headers=PDF) as answer:
        refused = await error_of(answer)
        assert (answer.status, refused["code"]) == (409, "document_known")
        assert "Our handbook.PDF" in refused["message"]
    empty = aiohttp.FormData(default_to_multipart=True)
    empty.add_field("note", "no file")
    for data, kind, status, code in (
        (empty, {}, 400, "file_missing"),
        (b"  \n", TEXT, 400, "file_missing"),
        (b"MZ\0\0", {"Content-Type": "application/octet-stream"}, 415, "unsupported_media_type"),
        (io.BytesIO(b"x" * (20 * 1024 * 1024 + 1)), TEXT, 413, "body_too_large"),
    ):
        async with api.operator.post("/api/documents", data=data, headers=kind) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (status, code)
    reader = await api.key("read")
    async with api.client.post("/api/documents", data=b"x", headers=reader | TEXT) as answer:
        assert answer.status == 403


async def test_what_cannot_be_read_says_why_and_may_come_again(api: ApiServer) -> None:
    for _ in range(2):  # a file that failed may be sent again
        document = await settled(api, await uploaded(api, b"12 34 !!", TEXT, name="figures.md"))
        assert (document["status"], document["error"]["code"], document["topics"]) == (
            "failed",
            "document_without_text",
            0,
        )
    listed = await got(api, "/api/documents", status="failed", limit="1")
    rest = await got(api, "/api/documents", status="failed", cursor=listed["next_cursor"])
    assert len({document["id"] for document in listed["items"] + rest["items"]}) == 2
    async with api.operator.get(f"/api/documents/{document['id']}/text") as answer:
        assert (answer.status, (await error_of(answer))["code"]) == (409, "document_not_ready")
    assert (await got(api, "/api/knowledge/status"))["uses_example"]


async def test_no_more_topics_than_processes_hold(api: ApiServer) -> None:
    await api.services.teaching.topics.take_in(
        [(str(number), "x") for number in range(MOST_TOPICS - 1)], replace=False, now=utc_now()
    )
    document = await settled(
        api, await uploaded(api, b"# Delivery\n\nTwo days, on foot.\n\n# Price\n\nTen dollars, as ever.", TEXT)
    )
    assert (document["status"], document["error"]["code"]) == ("failed", "knowledge_full")
    assert len((await api.services.teaching.topics.all())[1]) == MOST_TOPICS - 1


async def test_a_document_outlives_its_readers_and_one_that_kills_them_is_given_up(
    database: Database, start_api: StartApi
) -> None:
    dying = Documents(database, lease_s=0)
    now = utc_now()
    await dying.add("a", "text/markdown", b"# Delivery\n\nTwo days, and on foot at that.", replaces=False, now=now)
    lost = await dying.claim()  # by a process that is no more
    assert lost is not None and lost.readings == 1
    deadly = await dying.add("b", "text/plain", b"Nothing.", replaces=False, now=now)
    async with database.transaction() as transaction:
        from storage.postgres.named_query import Query

        await transaction.execute(
            Query("test", "UPDATE documents SET readings = %(n)s WHERE id = %(id)s"), n=MOST_READINGS, id=deadly
        )
    api = await start_api()
    a = await settled(api, await got(api, f"/api/documents/{lost.id}"))
    b = await settled(api, await got(api, f"/api/documents/{deadly}"))
    assert (a["status"], b["status"], b["error"]["code"]) == ("ready", "failed", "document_unreadable")
    # The first reader comes back late, and is not heard.
    assert not await dying.finish(lost, pages=None, text="x", topics=[("x", "y")], now=now)
    await dying.fail(lost, "x", "y", now=now)
    assert (await got(api, f"/api/documents/{lost.id}"))["status"] == "ready"
    assert [topic.title for topic in (await KnowledgeTopics(database).all())[1]] == ["Delivery"]


async def test_cursors_that_are_none_of_ours(api: ApiServer) -> None:
    for cursor in ("x", "kgAB", "kgCkMTIzNA"):
        async with api.operator.get("/api/documents", params={"cursor": cursor}) as answer:
            assert (answer.status, (await error_of(answer))["code"]) == (400, "invalid_cursor"), cursor


async def test_files_are_named_in_any_encoding_and_a_broken_form_is_told(start_api: StartApi) -> None:
    api = await start_api()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}

    async def sent(path: str, name: bytes) -> aiohttp.ClientResponse:
        body = head % name + b"company\nAcme, of two days on foot\r\n--x--\r\n"
        return await api.operator.post(path, data=body, headers=kind)

    answer = await sent("/api/documents", "Preise f\u00fcr K\u00e4ufer.txt".encode("latin-1"))
    assert (answer.status, (await answer.json())["name"]) == (202, "Preise f\u00fcr K\u00e4ufer.txt")
    for path in ("/api/documents", "/api/leads/import", "/v1/realtime/calls"):
        answer = await sent(path, b"a\0b.txt")
        assert (answer.status, path) == (400, path)
