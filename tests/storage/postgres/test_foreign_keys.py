"""What refers to a row is found by an index when the row goes, and when it is asked for."""

from storage.postgres.database import Database
from storage.postgres.named_query import Query

# Of a key that nothing is done about when the row goes, an index of the rows that count will do. Those of procrastinate
# are its own.
WITHOUT_INDEX = Query(
    "foreign_keys_without_index",
    """
SELECT key.conrelid::regclass || ' (' || key.columns || ')'
FROM (
    SELECT conrelid, confdeltype, conkey, (
        SELECT string_agg(attname, ', ' ORDER BY place)
        FROM unnest(conkey) WITH ORDINALITY AS of_key (number, place)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = of_key.number
    ) AS columns
    FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'procrastinate%'
) AS key
WHERE NOT EXISTS (
    SELECT FROM pg_index
    WHERE indrelid = key.conrelid
        AND (indkey::int2[])[0:cardinality(key.conkey) - 1] @> key.conkey
        AND (
            indpred IS NULL OR key.confdeltype = 'a'
            OR pg_get_expr(indpred, indrelid) = '(' || key.columns || ' IS NOT NULL)'
        )
)
ORDER BY 1
""",
)
KEYS = Query("keys", "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace")


async def test_every_foreign_key_has_an_index(database: Database) -> None:
    assert await database.fetch_value(KEYS) > 20
    assert [row[0] for row in await database.fetch_all(WITHOUT_INDEX)] == []


async def test_a_foreign_key_without_an_index_is_found(database: Database) -> None:
    await database.execute(Query("a", "CREATE TABLE a (lead uuid REFERENCES leads (id) ON DELETE CASCADE, at date)"))
    await database.execute(Query("i", "CREATE INDEX a_later ON a (at, lead)"))
    await database.execute(Query("p", "CREATE INDEX a_some ON a (lead) WHERE at IS NULL"))
    assert [row[0] for row in await database.fetch_all(WITHOUT_INDEX)] == ["a (lead)"]
