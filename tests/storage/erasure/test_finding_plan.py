"""What belongs to a person is found by indexes, however many others there are."""

from uuid import uuid4

import asyncpg

from storage.postgres.named_query import load_queries

TRACES = load_queries("storage.queries", "erasures.sql")["erasure_traces"]
MANY = """
INSERT INTO leads (id, company_name, contact_phone, contact_email, status, created_at, updated_at)
SELECT gen_random_uuid(), 'Acme', '+1415' || lpad(n::text, 7, '0'), n || '@acme.com', 'pending', now(), now()
FROM generate_series(1, 5000) AS n;
ANALYZE leads, lead_emails
"""


async def test_a_persons_traces_are_found_without_reading_all_leads(dsn: str) -> None:
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
        await connection.execute(MANY)
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN (COSTS OFF) {text}", *arguments)]
    finally:
        await connection.close()
    assert [line.strip() for line in plan if line.endswith("Scan on leads")] == ["->  Bitmap Heap Scan on leads"]
