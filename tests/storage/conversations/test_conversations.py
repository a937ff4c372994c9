import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.conversations.conversations import _QUERIES, FIRST_WORDS_CHARS, Conversations
from storage.conversations.outcomes import Outcomes
from storage.conversations.records import ConversationRecord, ItemRecord, TurnRecord
from storage.errors import InvalidCursor, InvalidData, StorageError
from storage.leads.leads import Leads
from storage.log.conversation_log import ConversationLog
from storage.postgres.database import open_database
from storage.postgres.named_query import Query

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
LEAD = UUID(int=7)
RECORD = ConversationRecord(
    id="conv_1",
    channel="phone",
    session={"type": "realtime", "tools": [{"name": "search_crm"}], "instructions": "Sell\n🙂"},
    metadata={"campaign": "spring"},
    lead_id=LEAD,
    created_at=NOW,
    updated_at=NOW,
)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def item(id_: str, position: float, **fields: Any) -> ItemRecord:
    return ItemRecord(**{"id": id_, "position": position, "created_at": NOW, "updated_at": NOW} | fields)


@pytest.fixture
def conversations(database) -> Conversations:
    return Conversations(database)


async def remember(database, *items: ItemRecord, turns: tuple[TurnRecord, ...] = ()) -> None:
    async with ConversationLog(database) as log:
        for each in items:
            log.item("conv_1", each)
        for turn in turns:
            log.turn("conv_1", turn)
        assert await log.flush("conv_1", 10)


async def test_a_record_comes_back_as_it_was(conversations):
    await conversations.create(RECORD)
    assert await conversations.get("conv_1") == RECORD
    assert await conversations.get("conv_2") is None
    with pytest.raises(InvalidData) as caught:
        await conversations.create(RECORD)
    assert caught.value.code == "already_exists"


async def test_a_history_comes_back_as_it_was(conversations, database):
    said = item(
        "item_2",
        2.0,
        role="assistant",
        status="incomplete",
        channel="phone",
        modality="audio",
        content=[{"type": "output_audio", "transcript": "Hello, I am"}],
        generated_text="Hello, I am Anna.",
        synthesised_text="Hello, I am Anna.",
        sent_text="Hello, I am",
        heard_text="Hello,",
        audio_ms=1830.5,
        heard_ms=420.25,
        intent="greeting",
        intent_confidence=0.87,
    )
    call = item("item_3", 3.0, type="function_call", call_id="call_1", name="search_crm", arguments='{"q": "x"}')
    output = item("item_4", 4.0, type="function_call_output", call_id="call_1", output="[]", deleted=True)
    between = item("item_5", 2.5, role="user", heard_text="Who is there?")
    turn = TurnRecord(item_id="item_2", response_latency_ms=384.5, timings={"first_token_ms": 150.0}, created_at=at(1))
    await conversations.create(RECORD)
    await remember(database, output, call, said, between, turns=(turn,))
    history = await conversations.load("conv_1")
    assert history.conversation == RECORD
    assert history.items == (said, between, call, output)
    assert history.turns == (turn,)
    assert await conversations.load("conv_2") is None


async def test_resuming_opens_it_again_with_what_was_not_deleted(conversations, database):
    await conversations.create(RECORD)
    await remember(database, item("item_2", 2.0, deleted=True), item("item_3", 3.0), item("item_1", 1.0))
    await conversations.end("conv_1", "dropped", now=at(5))
    history = await conversations.resume("conv_1", latest=9, now=at(9))
    assert [each.id for each in history.items] == ["item_1", "item_3"]
    assert history.conversation.status == "open"
    assert history.conversation.ended_at is None
    assert history.conversation == await conversations.get("conv_1")
    assert await conversations.resume("conv_2", latest=9, now=at(9)) is None


async def test_what_was_under_way_when_the_process_died_is_incomplete_once_it_is_resumed(conversations, database):
    await conversations.create(RECORD)
    cut = item("item_2", 2.0, status="in_progress", sent_text="It costs forty nine", heard_text="It costs")
    await remember(database, item("item_1", 1.0), cut)
    resumed = await conversations.resume("conv_1", latest=9, now=at(9))
    assert [each.status for each in resumed.items] == ["completed", "incomplete"]
    assert resumed.items[1].heard_text == "It costs"
    assert (await conversations.load("conv_1")).items == resumed.items


async def test_a_long_one_is_resumed_with_its_latest_items(conversations, database):
    await conversations.create(RECORD)
    await remember(database, *(item(f"item_{n}", float(n), deleted=n in (1, 6)) for n in range(1, 8)))
    whole = await conversations.resume("conv_1", latest=5, now=at(9))
    assert ([each.position for each in whole.items], whole.older_from) == ([2, 3, 4, 5, 7], None)
    latest = await conversations.resume("conv_1", latest=3, now=at(9))
    assert ([each.position for each in latest.items], latest.older_from) == ([4, 5, 7], 2.0)


async def test_items_are_found_by_their_ids(conversations, database):
    await conversations.create(RECORD)
    kept = item("item_1", 1.0)
    await remember(database, kept, item("item_2", 2.0, deleted=True), item("item_3", 3.0))
    assert await conversations.items("conv_1", ["item_1", "item_2", "nobody"]) == (kept,)
    assert await conversations.items("conv_2", ["item_1"]) == ()


async def test_changes(conversations):
    await conversations.create(RECORD)
    assert await conversations.end("conv_1", "closed", now=at(3))
    assert await conversations.get("conv_1") == msgspec.structs.replace(
        RECORD, status="closed", ended_at=at(3), updated_at=at(3)
    )
    assert not await conversations.end("conv_2", "closed", now=at(3))


async def test_a_channel_nobody_knows_is_refused(conversations):
    with pytest.raises(InvalidData) as caught:
        await conversations.create(msgspec.structs.replace(RECORD, channel="smoke"))
    assert caught.value.code == "constraint_violated"


async def listed(conversations: Conversations, limit: int, **filters: Any) -> list[str]:
    found, cursor = [], None
    while True:
        page = await conversations.list(limit=limit, cursor=cursor, **filters)
        assert len(page.items) <= limit
        found += [summary.id for summary in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_paging_finds_everything_once_whatever_the_filters(postgres, data):
    """Few different times, so that ids decide at many page ends."""
    rows = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),
                st.sampled_from(["open", "closed"]),
                st.sampled_from(["phone", "widget"]),
                st.sampled_from([None, LEAD]),
            ),
            max_size=25,
        )
    )
    limit = data.draw(st.integers(1, 8))
    filters = data.draw(
        st.fixed_dictionaries(
            {},
            optional={"status": st.just("open"), "channel": st.just("phone"), "lead_id": st.just(LEAD)},
        )
    )
    records = [
        ConversationRecord(
            id=f"conv_{number}", channel=channel, status=status, lead_id=lead, created_at=at(second), updated_at=NOW
        )
        for number, (second, status, channel, lead) in enumerate(rows)
    ]
    expected = [
        record.id
        for record in sorted(records, key=lambda record: (record.created_at, record.id), reverse=True)
        if all(getattr(record, name) == value for name, value in filters.items())
    ]

    async def check() -> None:
        async with await open_database(postgres.replace("/postgres?", "/sales_agent_paging?")) as database:
            await database.execute(Query("empty", "DELETE FROM conversations"))
            conversations = Conversations(database)
            for record in records:
                await conversations.create(record)
            assert await listed(conversations, limit, **filters) == expected

    make_paging_database(postgres)
    asyncio.run(check())


def make_paging_database(postgres: str) -> None:
    async def make() -> None:
        connection = await asyncpg.connect(postgres)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'sales_agent_paging'"):
            await connection.execute("CREATE DATABASE sales_agent_paging TEMPLATE sales_agent_template")
        await connection.close()

    asyncio.run(make())


async def test_a_row_that_arrives_while_paging_moves_nothing(conversations):
    for number in range(4):
        await conversations.create(msgspec.structs.replace(RECORD, id=f"conv_{number}", created_at=at(number)))
    first = await conversations.list(limit=2)
    await conversations.create(msgspec.structs.replace(RECORD, id="conv_new", created_at=at(9)))
    second = await conversations.list(limit=2, cursor=first.next_cursor)
    assert [summary.id for summary in first.items + second.items] == ["conv_3", "conv_2", "conv_1", "conv_0"]


async def test_a_summary_holds_all_but_the_session(conversations):
    await conversations.create(RECORD)
    summary = (await conversations.list()).items[0]
    expected = msgspec.structs.asdict(RECORD)
    del expected["session"]
    nothing = {"company_name": None, "contact_name": None, "first_words": None, "turns": 0, "outcomes": ()}
    assert msgspec.structs.asdict(summary) == expected | nothing


async def test_a_list_tells_who_it_was_and_what_it_led_to(conversations, database):
    lead = await Leads(database).create({"company_name": "Acme", "contact_name": "Ann Lee"}, now=NOW)
    await conversations.create(msgspec.structs.replace(RECORD, lead_id=lead.id))
    said = {"role": "user", "heard_text": "How much is it?" + " And" * 100}
    await remember(
        database,
        item("item_4", 4, role="user", heard_text="And then?"),
        item("item_3", 3, **said),
        item("item_2", 2, role="user", heard_text="Taken back", deleted=True),
        item("item_1", 1, role="user", heard_text=""),
        item("item_0", 0, role="assistant", heard_text="Hello!"),
        turns=(TurnRecord(item_id="item_5", created_at=NOW), TurnRecord(item_id="item_6", created_at=NOW)),
    )
    for number, kind in enumerate(("lead_update", "meeting", "lead_update")):
        outcomes = Outcomes(database, now=lambda number=number: at(number))
        await outcomes.record(f"call_{number}", "conv_1", kind, {"start": "2026-03-02T10:00:00Z"})
    summary = (await conversations.list()).items[0]
    assert (summary.contact_name, summary.company_name) == ("Ann Lee", "Acme")
    assert summary.first_words == said["heard_text"][:FIRST_WORDS_CHARS]
    assert summary.turns == 2
    assert summary.outcomes == ("lead_update", "meeting")


async def test_a_list_ends_at_a_moment(conversations):
    for number in range(3):
        await conversations.create(msgspec.structs.replace(RECORD, id=f"conv_{number}", created_at=at(number)))
    page = await conversations.list(until=at(2))
    assert [summary.id for summary in page.items] == ["conv_1", "conv_0"]


async def test_bad_arguments_of_lists(conversations):
    with pytest.raises(InvalidCursor):
        await conversations.list(cursor="nonsense")
    with pytest.raises(StorageError) as caught:
        await conversations.list(limit=0)
    assert caught.value.code == "invalid_limit"


FILL = """
INSERT INTO conversations (id, channel, status, lead_id, created_at, updated_at)
SELECT
    'conv_' || n,
    CASE WHEN n % 1000 = 0 THEN 'terminal' WHEN n % 3 = 0 THEN 'widget' ELSE 'phone' END,
    CASE WHEN n % 500 = 0 THEN 'open' WHEN n % 20 = 1 THEN 'dropped' ELSE 'closed' END,
    CASE WHEN n % 4 = 0 THEN lpad(to_hex(n % 2000), 32, '0')::uuid END,
    timestamptz '2026-01-01' + n * interval '1 minute',
    now()
FROM generate_series(1, 30000) AS n
"""
LONG = """
INSERT INTO conversation_items (conversation_id, id, position, type, role, status, heard_text, created_at, updated_at)
SELECT
    'conv_' || n, 'item_' || m, m, 'message', CASE WHEN m % 2 = 0 THEN 'user' ELSE 'assistant' END, 'completed', 'Hi',
    now(), now()
FROM generate_series(29940, 30000) AS n, generate_series(1, 400) AS m
"""
"""Of the newest conversations, each with many items."""
LONGER = """
INSERT INTO conversation_items (conversation_id, id, position, type, role, status, heard_text, created_at, updated_at)
SELECT 'conv_' || n, 'item_' || m, m, 'message', 'user', 'completed', 'Hi', now(), now()
FROM generate_series(1, 3) AS n, generate_series(1, 10000) AS m
"""


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def rows_read(used: list[dict[str, Any]], table: str) -> float:
    scans = [node for node in used if node.get("Relation Name") == table]
    assert not [scan for scan in scans if scan["Node Type"] == "Seq Scan" and scan["Actual Loops"]], used
    return sum((scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"] for scan in scans)


async def test_every_list_reads_little_more_than_its_page(dsn):
    """For every mix of filters, at the top and deep down."""
    async with await open_database(dsn, max_connections=1) as database:
        await database.execute(Query("fill", FILL))
        await database.execute(Query("long", LONG))
        await database.execute(Query("analyze", "ANALYZE conversations, conversation_items"))
        listed = _QUERIES["list_conversations"]
        explained = Query(
            "explain", f"EXPLAIN (ANALYZE, FORMAT JSON)\n{listed.sql}", plan_each_time=listed.plan_each_time
        )
        deep = {"before": datetime(2026, 1, 9, tzinfo=UTC), "before_id": "conv_1"}
        choices = product(
            (None, "open", "closed", "dropped"), (None, "phone", "terminal"), (None, UUID(int=0x400)), ({}, deep)
        )
        for status, channel, lead_id, place in choices:
            rows = await database.fetch_all(
                explained,
                status=status,
                channel=channel,
                lead_id=lead_id,
                rows=51,
                first_words_chars=FIRST_WORDS_CHARS,
                **place,
            )
            used = nodes(json.loads(rows[0][0])[0]["Plan"])
            filters = (status, channel, lead_id, place)
            assert rows_read(used, "conversations") <= 120, (filters, used)
            # Of each conversation, at most the caller's first words.
            assert rows_read(used, "conversation_items") <= 51, (filters, used)


async def test_resuming_reads_no_more_of_a_long_conversation_than_it_takes(dsn):
    """However often it was done: a plan that PostgreSQL keeps is as good."""
    async with await open_database(dsn, max_connections=1) as database:
        await database.execute(Query("fill", FILL))
        await database.execute(Query("longer", LONGER))
        await database.execute(Query("analyze", "ANALYZE conversations, conversation_items"))
        for name, params, most in (
            ("select_latest_items", {"conversation_id": "conv_1", "rows": 401}, 410),
            ("select_first_position", {"conversation_id": "conv_1"}, 1),
            ("end_unfinished_items", {"id": "conv_1", "now": NOW}, 900),
        ):
            explained = Query("explain", f"EXPLAIN (ANALYZE, FORMAT JSON)\n{_QUERIES[name].sql}")
            for _ in range(7):
                rows = await database.fetch_all(explained, **params)
                assert rows_read(nodes(json.loads(rows[0][0])[0]["Plan"]), "conversation_items") <= most, (name, rows)


async def test_lists_are_never_planned_for_any_values(dsn):
    """A statement that PostgreSQL keeps would get such a plan; lists leave none."""
    async with await open_database(dsn, max_connections=1) as database:
        conversations = Conversations(database)
        for _ in range(2):
            await conversations.list(channel="terminal")
            await conversations.get("conv_1")
        kept = await database.fetch_all(Query("kept", "SELECT statement FROM pg_prepared_statements"))
        assert sum("WHERE id" in row["statement"] for row in kept) == 1
        assert not any("LIMIT" in row["statement"] for row in kept)
