"""Erasures as a server has them, carried out at once."""

from pathlib import Path

from somebody import TRACES, everything

from agent_server.erasing.cache_keys import keys_of_face
from agent_server.erasing.erasers import erasers
from agent_server.erasing.work import ErasureWork
from agent_server.settings import read_settings
from agent_server.shared_redis import SharedRedis
from storage.database import Database
from storage.erasure.digests import CrmChoice, Digests
from storage.erasure.erasures import Erasure, Erasures
from storage.erasure.person import Subject
from storage.secret_tokens import utc_now

KEY = "A" * 43 + "="


class KnownErasures(Erasures):
    """With its digests at hand."""

    digests: Digests


def parts(database: Database, recordings: Path) -> KnownErasures:
    digests = Digests([KEY])
    settings = read_settings({"RECORDINGS_DIR": str(recordings), "DATA_DIR": str(recordings / "data")}, {}, {})
    kept = KnownErasures(database, digests, erasers(settings, database, digests, SharedRedis(None)), keys_of_face)
    kept.digests = digests
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
