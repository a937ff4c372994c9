"""Every part that holds something of people, in the order in which it lets go of it. A new one is a file and a line
here."""

from agent_server.call_audio.keeping import call_audio_keeping
from agent_server.erasing.cache_keys import keys_of_face
from agent_server.erasing.call_audio import CallAudio
from agent_server.erasing.recordings import Recordings
from agent_server.erasing.redis_threads import RedisThreads
from agent_server.erasing.retention import RetentionWork
from agent_server.settings import Settings
from agent_server.stores.encryption_key import encryption_keys
from agent_server.stores.shared_redis import SharedRedis
from storage.conversations.retention import Retention
from storage.erasure.agent_threads import PostgresThreads
from storage.erasure.crm_records import CrmRecords
from storage.erasure.digests import Digests, ErasedPeople
from storage.erasure.eraser import Eraser
from storage.erasure.erasures import Erasures
from storage.erasure.suppression import Suppression
from storage.erasure.tables import Tables
from storage.keys.secret_tokens import utc_now
from storage.postgres.database import Database


def erasers(settings: Settings, database: Database, digests: Digests, redis: SharedRedis) -> tuple[Eraser, ...]:
    """Leads come last: by them the rest is found again."""
    on_redis: tuple[Eraser, ...] = (RedisThreads(redis),) if settings.agents.checkpoints == "redis" else ()
    return (
        Suppression(digests),
        Tables("calls"),
        Tables("bookings"),
        CrmRecords(),
        Recordings(settings.process.recordings_dir),
        CallAudio(call_audio_keeping(settings, database, utc_now)),
        PostgresThreads(),
        *on_redis,
        Tables("agents"),
        Tables("campaigns"),
        Tables("webhooks"),
        Tables("conversations"),
        Tables("leads"),
    )


def erased_people(settings: Settings, database: Database) -> ErasedPeople:
    """Raises OSError when no encryption key can be had."""
    return ErasedPeople(database, Digests.from_setting(encryption_keys(settings.process)))


def erasures(settings: Settings, database: Database, redis: SharedRedis) -> Erasures:
    """Raises OSError when no encryption key can be had."""
    digests = Digests.from_setting(encryption_keys(settings.process))
    return Erasures(database, digests, erasers(settings, database, digests, redis), keys_of_face)


def retention_work(settings: Settings, database: Database) -> RetentionWork:
    recordings = Recordings(settings.process.recordings_dir)
    return RetentionWork(Retention(database), recordings, settings.privacy.conversation_days, utc_now)
