"""What the agent knows of the company and its products, taught while it runs."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agent_server.api.endpoint import Call, Resource
from agent_server.web.errors import Problem
from agent_server.web.request_body import read_body
from pipelines.knowledge.markdown import parse
from pipelines.knowledge.port import KnowledgeError
from storage.knowledge.topics import MOST_TOPICS, KnowledgeTopic
from storage.postgres.cursor import MAX_LIMIT, Page

knowledge = Resource("knowledge", "What the agent knows of the company and its products.")

MAX_IMPORT_BYTES = 1024 * 1024
TEXT_TYPES = ("text/markdown", "text/plain")
MAX_TITLE_CHARS, MAX_TEXT_CHARS = 300, 4000

Title = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE_CHARS, pattern=r"\S")]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS, pattern=r"\S")]


class Topic(Struct, frozen=True, kw_only=True):
    """`title` is how people ask for it, several ways behind each other if there are; `text` are short sentences that
    sound right when spoken. `document_id`: the uploaded document it came of, and goes with."""

    id: UUID
    title: str
    text: str
    document_id: UUID | None
    created_at: datetime
    updated_at: datetime


class NewTopic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Title
    text: Text


class TopicChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields left out stay as they are."""

    title: Title | UnsetType = UNSET
    text: Text | UnsetType = UNSET


class TopicQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50
    cursor: str | None = None


class Question(Struct, frozen=True):
    query: Annotated[str, Meta(min_length=1, max_length=500)]
    limit: Annotated[int, Meta(ge=1, le=10)] = 3


class Found(Struct, frozen=True):
    """`score`, 0 to 1: the share of the question's meaning that the passage covers."""

    title: str
    text: str
    score: float


class Findings(Struct, frozen=True):
    """Best first. Without any the agent would say that it does not know."""

    passages: list[Found]


class KnowledgeStatus(Struct, frozen=True):
    """`uses_example`: nothing was taught, and there is no `KNOWLEDGE_FILE`: the agent answers for a made-up product,
    unless its instructions name a company. `subject` is what the file's first heading says."""

    subject: str
    uses_example: bool
    file_topics: int
    stored_topics: int


class ImportMode(Struct, frozen=True):
    mode: Literal["add", "replace"] = "add"


class KnowledgeImport(Struct, frozen=True):
    created: int
    updated: int
    deleted: int


@knowledge.get("/api/knowledge/status", scope="read", summary="What the agent's knowledge is made of")
async def knowledge_status(call: Call) -> KnowledgeStatus:
    known = call.services.teaching.knowledge
    return KnowledgeStatus(
        subject=known.subject, uses_example=known.is_example, file_topics=known.in_file, stored_topics=known.taught
    )


@knowledge.get("/api/knowledge/search", scope="read", summary="What the agent would find to answer a question")
async def search_knowledge(call: Call, query: Question) -> Findings:
    found = call.services.teaching.knowledge.search(query.query, query.limit)
    return Findings([Found(passage.title, passage.text, round(passage.score, 3)) for passage in found])


@knowledge.post(
    "/api/knowledge/import",
    scope="write",
    summary="Teach the topics of a document",
    accepts=TEXT_TYPES,
    errors=(400, 408, 409, 413, 415, 422),
)
async def import_knowledge(call: Call, query: ImportMode) -> KnowledgeImport:
    """The body is Markdown or plain text: a heading a topic, the text under it what the agent says. A title that is
    there gets the new text; with `mode=replace` topics that are not in it go, but those of uploaded documents."""
    if call.request.content_type not in TEXT_TYPES:
        raise Problem(415, "unsupported_media_type", f"Send {' or '.join(TEXT_TYPES)}.")
    body = await read_body(call.request, max_bytes=MAX_IMPORT_BYTES)
    topics = await asyncio.to_thread(_topics_in, body)  # a second for the largest
    counts = await call.services.teaching.topics.take_in(
        list(topics.items()), replace=query.mode == "replace", now=call.services.utc_now()
    )
    await call.services.teaching.refresh()
    return KnowledgeImport(counts.created, counts.updated, counts.deleted)


@knowledge.get("/api/knowledge", scope="read", summary="List topics by title")
async def list_topics(call: Call, query: TopicQuery) -> Page[Topic]:
    page = await call.services.teaching.topics.list(limit=query.limit, cursor=query.cursor)
    return Page(items=tuple(map(shown_topic, page.items)), next_cursor=page.next_cursor)


@knowledge.post("/api/knowledge", scope="write", summary="Teach a topic", status=201, errors=(409,))
async def add_topic(call: Call, body: NewTopic) -> Topic:
    """Conversations that run use it at once, in other processes within seconds."""
    teaching = call.services.teaching
    topic = await teaching.topics.create(body.title.strip(), body.text.strip(), now=call.services.utc_now())
    await teaching.refresh()
    return shown_topic(topic)


@knowledge.get("/api/knowledge/{id}", scope="read", summary="One topic", errors=(404,))
async def get_topic(call: Call) -> Topic:
    topic = await call.services.teaching.topics.get(call.path_id(_missing()))
    if topic is None:
        raise _missing()
    return shown_topic(topic)


@knowledge.patch("/api/knowledge/{id}", scope="write", summary="Change a topic", errors=(404, 409))
async def change_topic(call: Call, body: TopicChanges) -> Topic:
    teaching = call.services.teaching
    title = body.title.strip() if body.title is not UNSET else None
    text = body.text.strip() if body.text is not UNSET else None
    topic = await teaching.topics.change(call.path_id(_missing()), title=title, text=text, now=call.services.utc_now())
    if topic is None:
        raise _missing()
    await teaching.refresh()
    return shown_topic(topic)


@knowledge.delete("/api/knowledge/{id}", scope="write", summary="Forget a topic", errors=(404,))
async def delete_topic(call: Call) -> None:
    teaching = call.services.teaching
    if not await teaching.topics.delete(call.path_id(_missing())):
        raise _missing()
    await teaching.refresh()


def _topics_in(body: bytes) -> dict[str, str]:
    """By title; what stands under one heading in several pieces is one topic. Raises Problem."""
    try:
        subject, sections = parse(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Problem(400, "unreadable_body", "The document is not UTF-8 text.") from None
    except KnowledgeError as error:
        raise Problem(422, error.code, f"{error}.") from None
    topics: dict[str, str] = {}
    titles: dict[str, str] = {}
    for section in sections:
        title = section.title.strip() or subject or "About us"
        title = titles.setdefault(title.lower(), title)
        topics[title] = f"{topics[title]}\n\n{section.text}" if title in topics else section.text
    if not topics:
        raise Problem(422, "knowledge_empty", "The document has no text.")
    for title, text in topics.items():
        if len(title) > MAX_TITLE_CHARS or len(text) > MAX_TEXT_CHARS:
            message = (
                f"A heading has at most {MAX_TITLE_CHARS} characters, the text under it {MAX_TEXT_CHARS}; put more "
                f"headings, lines that begin with #, under '{title[:80]}'."
            )
            raise Problem(422, "knowledge_too_long", message)
    if len(topics) > MOST_TOPICS:
        raise Problem(422, "knowledge_too_large", f"The document has {len(topics)} topics, at most {MOST_TOPICS}.")
    return topics


def shown_topic(topic: KnowledgeTopic) -> Topic:
    return msgspec.convert(topic, Topic, from_attributes=True)


def _missing() -> Problem:
    return Problem(404, "topic_not_found", "There is no such topic.", param="id")
