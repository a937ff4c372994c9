"""Everything in the database is said something of: who adds a column says what becomes of it."""

from storage.database import Database
from storage.erasure.fates import ALL, FATES
from storage.erasure.places import all_places
from storage.named_query import Query

_COLUMNS = Query(
    "columns",
    "SELECT table_name::text AS name, array_agg(column_name::text) AS columns FROM information_schema.columns"
    " WHERE table_schema = 'public' GROUP BY 1",
)
_ALWAYS_ELSEWHERE = {"crm_contacts", "crm_outbox", "do_not_call", "booking_moves", "erasures"}
"""Erased by parts of their own, or with what they belong to."""


async def test_every_column_has_a_fate(database: Database) -> None:
    schema = {row["name"]: set(row["columns"]) for row in await database.fetch_all(_COLUMNS)}
    assert schema.keys() == FATES.keys(), "say in storage/erasure/fates.py what becomes of a table's rows"
    unsaid = {
        table: sorted(columns ^ {*fate.erased.split(), *fate.kept.split()})
        for table, fate in FATES.items()
        if fate.erased != ALL and (columns := schema[table]) != {*fate.erased.split(), *fate.kept.split()}
    }
    assert unsaid == {}, "say in storage/erasure/fates.py what becomes of these columns"
    assert all(fate.why for fate in FATES.values() if fate.kept), "what is kept has a reason"


def test_what_is_said_to_go_is_erased() -> None:
    places = {place.table: place for place in all_places()}
    for table, fate in FATES.items():
        if not fate.erased or table in _ALWAYS_ELSEWHERE:
            continue
        assert table in places, f"nothing erases {table}"
        gone = set(places[table].clears) or {ALL}
        assert gone == set(fate.erased.split()), table
