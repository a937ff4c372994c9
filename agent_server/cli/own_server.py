"""The server of this machine, for commands that talk to one."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent_server.settings import ProcessSettings


def own_process() -> "ProcessSettings":
    """The settings of a server on this machine, as far as they can be read."""
    from agent_server.settings import ProcessSettings, SettingsError, load_settings

    try:
        return load_settings().process
    except SettingsError:
        return ProcessSettings()  # of no concern to a caller; the server itself refuses to start with them


def key_for(url: str, process: "ProcessSettings", data_dir: Path | None) -> str | None:
    """The key of the server on this machine, which is for that server alone."""
    from agent_server.cli.calling.door import is_loopback
    from agent_server.stores.first_key import read_own_key

    if process.api_key is not None:
        return process.api_key
    return read_own_key(data_dir or process.data_dir) if is_loopback(url) else None
