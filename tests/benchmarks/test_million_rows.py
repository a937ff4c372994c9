"""That the database of a million rows can be filled, and its lists be asked for."""

from million_rows import TABLES, fill, rows_of
from other_lists import everything

from storage.postgres.database import Database
from storage.postgres.named_query import Query

LEADS = 300


async def test_every_list_is_asked_of_a_database_full_of_rows(dsn: str, database: Database) -> None:
    await fill(dsn, LEADS)
    for table in TABLES:
        assert await database.fetch_value(Query("count", f"SELECT count(*) FROM {table}")) == rows_of(table, LEADS)
    for action in everything(database, LEADS).values():
        await action()
