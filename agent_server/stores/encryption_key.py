"""The keys that encrypt and sign what leaves this process, newest first, by comma: the operator's, else our own."""

import logging
import os
from pathlib import Path

from agent_server.settings import ProcessSettings
from agent_server.telemetry.components import Component, ComponentState
from crm.vault import Vault, VaultError, generate_key
from storage.errors import StorageError
from storage.keys.encryption_keys import are_known
from storage.postgres.database import Database

ENCRYPTION_KEY_FILE = "encryption-key"
ANOTHER_KEY = (
    "this is not the key that the database was written with: stored credentials do not open, and erased people are not"
    " known again. Give every process the same ENCRYPTION_KEY"
)

log = logging.getLogger(__name__)


def encryption_keys(process: ProcessSettings) -> str:
    """Raises OSError when there is none and none can be kept, VaultError for a file that holds none."""
    return process.encryption_key or _own_encryption_key(process.data_dir)


def encryption_key_component(process: ProcessSettings, database: Database) -> Component:
    async def check() -> ComponentState:
        try:
            return await encryption_key_state(process, database)
        except (OSError, VaultError) as error:  # a disk that is gone, or a file that somebody emptied
            return ComponentState("degraded", str(error))

    return Component("encryption_key", check)


async def encryption_key_state(process: ProcessSettings, database: Database) -> ComponentState:
    try:
        known = await are_known(database, encryption_keys(process))
    except StorageError as error:  # which is another part's trouble
        return ComponentState("ok", f"not looked at: {error.code}")
    return ComponentState("ok") if known else ComponentState("degraded", ANOTHER_KEY)


async def tell_of_another_key(process: ProcessSettings, database: Database) -> None:
    """A line for whoever starts the process."""
    state = await encryption_key_state(process, database)
    if state.status != "ok":
        log.error("encryption key: %s", state.detail)


def _own_encryption_key(data_dir: Path) -> str:
    """The key of a server nobody gave one, kept in the data directory for its owner alone; of several processes that
    start at once one makes it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / ENCRYPTION_KEY_FILE
    draft = data_dir / f".{ENCRYPTION_KEY_FILE}.{os.getpid()}"
    if not path.exists():
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(generate_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        Vault([key])
    except VaultError as error:
        message = f"{path} holds no encryption key; put the one that was there back, of a backup."
        raise VaultError(error.code, message) from error
    return key
