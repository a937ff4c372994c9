"""Words of old conversations go, with what was recorded for replay; figures stay, and nothing new is taken in."""

from datetime import timedelta
from pathlib import Path

from somebody import MARK, everything, somebody

from agent_server.erasing.recordings import Recordings
from agent_server.erasing.retention import RetentionWork
from storage.conversations.conversations import Conversations
from storage.conversations.retention import Retention
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database
from storage.postgres.named_query import Query


async def test_words_go_when_their_time_is_over(database: Database, tmp_path: Path) -> None:
    made = await somebody(database, tmp_path)
    retention, recordings = Retention(database), Recordings(tmp_path)
    assert await RetentionWork(retention, recordings, None, utc_now).sweep() == 0
    assert await RetentionWork(retention, recordings, 1, utc_now).sweep() == 0, "they ended an hour ago"
    assert made.recording.exists()
    later = RetentionWork(retention, recordings, 1, lambda: utc_now() + timedelta(days=1))
    assert await later.sweep() == 2
    assert await later.sweep() == 0
    assert not made.recording.exists()
    after = await everything(database)
    assert MARK not in after["conversation_items"] and "hello" in after["conversation_items"], "Eve's has not ended"
    assert await database.fetch_value(Query("turns", "SELECT count(*) FROM conversation_turns")) == 2
    assert MARK in after["leads"], "who it was is kept until they are erased"
    assert await Conversations(database).resume("conv_ada", latest=9, now=utc_now()) is None


async def test_a_batch_is_found_by_its_index(database: Database) -> None:
    plan = Query(
        "plan",
        "EXPLAIN SELECT id FROM conversations WHERE words_gone_at IS NULL AND ended_at IS NOT NULL"
        " AND ended_at < now() ORDER BY ended_at LIMIT 20",
    )
    await database.execute(
        Query(
            "fill",
            "INSERT INTO conversations (id, channel, status, created_at, updated_at, ended_at, words_gone_at)"
            " SELECT 'c' || n, 'api', 'closed', now(), now(), now() - n * interval '1 minute',"
            " CASE WHEN n % 3 > 0 THEN now() END FROM generate_series(1, 3000) AS n",
        )
    )
    await database.execute(Query("analyze", "ANALYZE conversations"))
    lines = [row[0] for row in await database.fetch_all(plan)]
    assert any("conversations_with_words" in line for line in lines), lines
