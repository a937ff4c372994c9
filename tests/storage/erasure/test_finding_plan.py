"""What belongs to a person is found by indexes, however many others there are."""

from uuid import uuid4

import asyncpg

from storage.postgres.named_query import load_queries

TRACES = load_queries("storage.queries", "erasures.sql")["erasure_traces"]


async def test_traces_of_a_person_are_found_by_indexes_alone(dsn: str) -> None:
    text, arguments = TRACES.render(
        {
            "leads": [uuid4()],
            "contacts": ["contact"],
            "phones": ["+14155550132"],
            "emails": ["ann@acme.com"],
            "further_emails": ["ann@home.example"],
            "rows": 10,
        }
    )
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET enable_seqscan = off")  # as many rows would have it
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {text}", *arguments)]
    finally:
        await connection.close()
    assert [line.strip() for line in plan if "Seq Scan" in line] == []
