"""Whether a process has the encryption keys that its database was written with.

What is sealed and hashed with one key is lost on a process with another, which nobody notices: credentials do not open,
and who was erased is a stranger again.
"""

import base64
import hashlib
import hmac
from typing import Final

from storage.postgres.database import Database
from storage.postgres.named_query import load_queries

_SQL = load_queries("storage.queries", "encryption_keys.sql")
_PURPOSE: Final = b"sales-agent which key it is"


async def are_known(database: Database, keys: str) -> bool:
    """``keys`` as ENCRYPTION_KEY has them. The first ones a database sees it knows from then on, and new ones beside
    one that it knows. Raises StorageError."""
    given = [base64.urlsafe_b64decode(key.strip()) for key in keys.split(",") if key.strip()]
    fingerprints = [hmac.digest(key, _PURPOSE, hashlib.sha256) for key in given]
    return bool(await database.fetch_value(_SQL["note_encryption_keys"], fingerprints=fingerprints))
