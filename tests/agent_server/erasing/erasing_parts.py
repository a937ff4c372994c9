"""Erasures as a server has them, carried out at once."""

from pathlib import Path

from somebody import TRACES, everything

from agent_server.erasing.cache_keys import keys_of_face
from agent_server.erasing.erasers import erasers
from agent_server.erasing.work import ErasureWork
from agent_server.settings import read_settings
from agent_server.stores.shared_redis import SharedRedis
from storage.erasure.digests import CrmChoice, Digests
from storage.erasure.erasures import Erasure, Erasures
from storage.erasure.person import Subject
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database

KEY = "A" * 43 + "="


class KnownErasures(Erasures):
    """With its parts at hand."""

    digests: Digests
    redis: SharedRedis


def parts(database: Database, recordings: Path, redis_url: str | None = None) -> KnownErasures:
    """``redis_url``: where threads of agents are kept."""
    digests = Digests([KEY])
    values = {"RECORDINGS_DIR": str(recordings), "DATA_DIR": str(recordings / "data")}
    if redis_url is not None:
        values |= {"CHECKPOINTS": "redis", "REDIS_URL": redis_url}
    settings, redis = read_settings(values, {}, {}), SharedRedis(redis_url)
    kept = KnownErasures(database, digests, erasers(settings, database, digests, redis), keys_of_face)
    kept.digests, kept.redis = digests, redis
    return kept


async def erase(kept: Erasures, subject: Subject, crm: CrmChoice = "delete") -> Erasure:
    """To its end."""
    erasure, _ = await kept.ask(subject, crm, requested_by=None, now=utc_now())
    work = ErasureWork(kept, utc_now, again_s=0.0)
    while (claimed := await kept.claim()) is not None:
        await work.carry_out(claimed)
    done = await kept.get(erasure.id)
    assert done is not None
    return done


async def everywhere(database: Database) -> dict[str, list[str]]:
    """What is still found of the person, by table."""
    return {
        table: found
        for table, text in (await everything(database)).items()
        if (found := [trace for trace in TRACES if trace in text])
    }
