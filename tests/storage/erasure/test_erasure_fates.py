"""Everything in the database is said something of: who adds a column says what becomes of it."""

from storage.erasure.fates import ALL, FATES
from storage.erasure.places import all_places
from storage.postgres.database import Database
from storage.postgres.named_query import Query, load_queries

_COLUMNS = Query(
    "columns",
    "SELECT table_name::text AS name, array_agg(column_name::text) AS columns FROM information_schema.columns"
    " WHERE table_schema = 'public' AND is_generated = 'NEVER' GROUP BY 1",
)
"""Those that PostgreSQL generates follow the others."""
_TAKEN_ALONG = Query(
    "taken_along",
    "SELECT conrelid::regclass::text AS rows, confrelid::regclass::text AS by FROM pg_constraint"
    " WHERE confdeltype = 'c'",
)
_ERASING = load_queries("storage.queries", "erasures.sql")
_PLACES = {place.table: place for place in all_places()}


def test_every_table_is_said_something_of_once() -> None:
    assert len(_PLACES) == len(all_places())
    assert not _PLACES.keys() & FATES.keys()


async def test_every_column_has_a_fate(database: Database) -> None:
    schema = {row["name"]: sorted(row["columns"]) for row in await database.fetch_all(_COLUMNS)}
    assert schema.keys() == _PLACES.keys() | FATES.keys(), "say in storage/erasure what becomes of a table's rows"
    said = {table: [*place.clears, *place.keeps.split()] for table, place in _PLACES.items() if place.clears}
    said |= {table: f"{fate.erased} {fate.kept}".split() for table, fate in FATES.items() if fate.erased != ALL}
    unsaid = {
        table: {*schema[table]} ^ {*columns} for table, columns in said.items() if schema[table] != sorted(columns)
    }
    assert unsaid == {}, "say in storage/erasure what becomes of these columns"


def test_what_is_kept_has_a_reason() -> None:
    assert all(bool(place.stays) == bool(place.keeps) == bool(place.clears) for place in _PLACES.values())
    assert all({*place.marks} <= {*place.keeps.split()} for place in _PLACES.values())
    assert all(bool(fate.why) == bool(fate.kept) for fate in FATES.values())


async def test_what_is_no_place_is_erased_by_what_is_said_to(database: Database) -> None:
    taken_along = {(row["rows"], row["by"]) for row in await database.fetch_all(_TAKEN_ALONG)}
    for table, fate in FATES.items():
        assert bool(fate.by) == bool(fate.erased), table
        if fate.by in _PLACES:
            assert (table, fate.by) in taken_along and not _PLACES[fate.by].clears, table
        elif fate.erased == ALL:
            assert _ERASING[fate.by].sql.startswith(f"DELETE FROM {table} "), table
        elif fate.erased:
            sql = _ERASING[fate.by].sql
            assert f"UPDATE {table} SET" in sql, table
            assert [column for column in fate.erased.split() if f" {column} = " not in sql] == [], table
