"""What reading costs on a million conversations: every list with every filter, a whole conversation, keys.

The embedded PostgreSQL, one caller, in ms; every list with pages of 50 at random depths. The data is skewed as real
data is: a few open conversations, a rare channel, leads with a handful of conversations each.

    python tests/benchmarks/bench_storage.py --rows 1000000 --json storage.json
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
import uvloop
from result_file import result_file

from storage.conversations.conversations import Conversations
from storage.keys.api_keys import ApiKeys
from storage.keys.client_secrets import ClientSecrets
from storage.postgres.cursor import encode_cursor
from storage.postgres.database import Database, open_database
from storage.postgres.embedded import EmbeddedPostgres
from storage.postgres.migrate import migrate
from storage.postgres.named_query import Query

START = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS_APART = 30
FILL = Query(
    "fill",
    """
INSERT INTO conversations (id, channel, status, session, lead_id, metadata, created_at, updated_at)
SELECT
    'conv_' || md5(n::text),
    CASE WHEN n % 10000 = 0 THEN 'terminal' WHEN n % 3 = 0 THEN 'widget' ELSE 'phone' END,
    CASE WHEN n % 5000 = 1 THEN 'open' WHEN n % 30 = 1 THEN 'dropped' ELSE 'closed' END,
    jsonb_build_object('type', 'realtime', 'instructions', repeat('You sell telephone systems. ', 40)),
    CASE WHEN n % 4 = 0 THEN lpad(to_hex(n % 200000), 32, '0')::uuid END,
    '{"campaign": "spring"}',
    %(start)s::timestamptz + n * interval '30 seconds',
    now()
FROM generate_series(%(first)s::int, %(last)s::int) AS n
""",
)
FILL_ITEMS = Query(
    "fill_items",
    """
INSERT INTO conversation_items (conversation_id, id, position, type, role, status, content, generated_text,
    synthesised_text, sent_text, heard_text, created_at, updated_at)
SELECT %(conversation)s, 'item_' || n, n, 'message', 'assistant', 'completed', '[]', repeat('word ', 60),
    repeat('word ', 60), repeat('word ', 60), repeat('word ', 60), now(), now()
FROM generate_series(1, 200) AS n
""",
)


class Result(msgspec.Struct):
    what: str
    p50_ms: float
    p95_ms: float
    max_ms: float


async def measure(what: str, action: Callable[[], Awaitable[object]], times: int) -> Result:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        await action()
        taken.append((time.perf_counter() - started) * 1000)
    p50, p95 = np.percentile(taken, [50, 95]).tolist()
    result = Result(what, p50, p95, max(taken))
    sys.stdout.write(f"{what:60} {p50:8.3f} {p95:8.3f} {result.max_ms:8.3f}\n")
    sys.stdout.flush()
    return result


async def lists(conversations: Conversations, rows: int, times: int) -> list[Result]:
    chance = random.Random(1)
    results = []
    for status, channel, lead in product(
        (None, "open", "closed", "dropped"), (None, "phone", "terminal"), (None, UUID(int=4000))
    ):

        async def page(status=status, channel=channel, lead=lead) -> None:
            at = START + timedelta(seconds=SECONDS_APART * chance.randrange(rows))
            await conversations.list(status=status, channel=channel, lead_id=lead, cursor=encode_cursor(at, "conv_"))

        name = f"list status={status} channel={channel} lead={'one' if lead else None}"
        results.append(await measure(name, page, times))
    return results


async def others(database: Database, conversations: Conversations, times: int) -> list[Result]:
    newest = (await conversations.list(limit=1)).items[0].id
    await database.execute(FILL_ITEMS, conversation=newest)
    keys, secrets = ApiKeys(database), ClientSecrets(database)
    fresh = ApiKeys(database, cache_ttl_s=0.0)
    key = (await keys.create("bench")).key
    secret = (await secrets.mint({"type": "realtime"})).value
    return [
        await measure("load a conversation of 200 items", lambda: conversations.load(newest), times),
        await measure("verify a key, recent answer", lambda: keys.verify(key), times),
        await measure("verify a key, asking the database", lambda: fresh.verify(key), times),
        await measure("verify a client secret", lambda: secrets.verify(secret), times),
        await measure("ping", database.ping, times),
    ]


async def main(rows: int, times: int) -> list[Result]:
    with tempfile.TemporaryDirectory() as home:
        return await measure_all(Path(home) / "postgres", rows, times)


async def measure_all(directory: Path, rows: int, times: int) -> list[Result]:
    async with EmbeddedPostgres(directory) as embedded:
        await migrate(embedded.dsn)
        async with await open_database(embedded.dsn, max_connections=1, command_timeout_s=600) as database:
            for first in range(1, rows, 50_000):
                await database.execute(FILL, start=START, first=first, last=min(first + 49_999, rows))
            await database.execute(Query("analyze", "ANALYZE"))
            conversations = Conversations(database)
            sys.stdout.write(f"{f'{rows} conversations, ms':60} {'p50':>8} {'p95':>8} {'max':>8}\n")
            return [*await lists(conversations, rows, times), *await others(database, conversations, times)]


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=200)
    arguments.add_argument("--json", type=result_file)
    options = arguments.parse_args()
    measured = uvloop.run(main(options.rows, options.times))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
