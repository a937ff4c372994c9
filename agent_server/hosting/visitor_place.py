"""Where a page's visitor comes from, as it is kept with a conversation: a keyed hash, so that visits from one place are
known to be, and nobody reads where it is."""

from agent_server.settings import ProcessSettings
from agent_server.stores.encryption_key import encryption_keys
from storage.erasure.digests import Digests

VISITS_FROM = "visits_from"
"""In a conversation's metadata."""

_BYTES = 16


def place_of(address: str, process: ProcessSettings) -> str:
    """``address``: on the network, as limits count by it. Raises OSError, VaultError when there is no key."""
    return Digests.from_setting(encryption_keys(process)).of("place", address)[:_BYTES].hex()
