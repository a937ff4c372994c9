"""What the status of a campaign's message means, as queries ask."""

from typing import get_args

from storage.campaigns.messages import MessageStatus
from storage.postgres.database import Database
from storage.postgres.named_query import Query

ASKED = Query(
    "states",
    """
    SELECT message.status, is_ahead(message) AS ahead, is_out(message) AS out
    FROM unnest(%(all)s::text[]) AS status,
        jsonb_populate_record(NULL::campaign_messages, jsonb_build_object('status', status)) AS message
    """,
)


async def test_each_message_is_ahead_or_out_or_skipped(database: Database) -> None:
    rows = await database.fetch_all(ASKED, all=list(get_args(MessageStatus)))
    ahead = {row["status"] for row in rows if row["ahead"]}
    out = {row["status"] for row in rows if row["out"]}
    assert out == {"queued", "entered", "sent"}
    assert ahead == set(get_args(MessageStatus)) - out - {"skipped"}
