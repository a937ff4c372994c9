"""Who has read an answer need not ask again, whatever becomes of the process that gave it."""

from typing import Any

import asyncpg
from live_server import Server, until

from storage.postgres.database import Database
from storage.postgres.named_query import Query

KEPT = Query("kept", "SELECT heard_text FROM conversation_items WHERE role = 'user' ORDER BY position")


async def ask(connection: Any, text: str) -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    await connection.conversation.item.create(item=item)
    await connection.response.create(response={"output_modalities": ["text"]})


async def test_an_answer_comes_once_what_it_answers_is_kept(live: Server, database: Database) -> None:
    async with live.realtime() as connection:
        for asked in (["How much is it?"], ["How much is it?", "And for two?"]):
            await ask(connection, asked[-1])
            await until(connection, "response.output_text.delta")
            assert [row["heard_text"] for row in await database.fetch_all(KEPT)] == asked
            await until(connection, "response.done")


async def test_a_database_that_hangs_silences_nobody(live: Server, dsn: str, database: Database) -> None:
    other = await asyncpg.connect(dsn)
    try:
        async with live.realtime() as connection, other.transaction():
            await other.execute("LOCK TABLE conversation_items IN EXCLUSIVE MODE")
            await ask(connection, "How much is it?")
            await until(connection, "response.done")
            assert await database.fetch_all(KEPT) == []
    finally:
        await other.close()
