"""A PostgreSQL cluster in a directory: make it, start it, see how it is, stop it.

Everything here blocks and is called by one process at a time (``storage.postgres.embedded`` holds the lock).
"""

import hashlib
import os
import shlex
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from enum import Enum
from pathlib import Path

from msgspec import Struct

from storage.errors import EmbeddedDatabaseError
from storage.postgres.diagnosis import diagnosis
from storage.postgres.programs import MAJOR_VERSION, install_directory, run_program
from storage.postgres.user import ServerUser, open_programs, open_way, server_user

_POLL_S = 0.02
_IN_USE_PAUSE_S = 0.2
_INITDB_TIMEOUT_S = 60.0
# A fresh cluster is 42 MB and its first write-ahead segments follow.
_FREE_BYTES_FOR_NEW_CLUSTER = 150_000_000
_MAX_LOG_BYTES = 10_000_000
# sun_path holds 108 bytes on Linux and 104 on macOS, the final NUL included.
_MAX_SOCKET_PATH_BYTES = 103
_PORT = 5432
# pg_ctl puts the path between double quotes of the shell.
_UNQUOTABLE = frozenset('"$`\\\n')

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(_PORT),
    "max_connections": "200",
    # Queries here are short: compiling them costs more than it saves, and a big one must not take the cores that
    # carry calls.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # The detail of an error quotes values, and those may be what a customer said.
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ServerState(Enum):
    ABSENT = "absent"
    BUSY = "busy"  # starting, recovering or stopping
    READY = "ready"
    DEAF = "deaf"  # runs, but its socket is gone


class _PidFile(Struct, frozen=True):
    """What a server notes about itself in ``postmaster.pid``."""

    pid: int | None = None
    socket_directory: Path | None = None
    ready: bool = False


class PostgresCluster:
    """The cluster in ``directory``, and the server that may run on it. ``settings`` add to SETTINGS."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self.directory = directory.expanduser().resolve()
        self._settings = {**SETTINGS, **settings}
        self._log = self.directory / "server.log"

    @property
    def socket_directory(self) -> Path:
        """Where the server's socket is, as its starter noted, or where it will be."""
        return self._read_pid_file().socket_directory or self._next_socket_directory()

    @property
    def port(self) -> int:
        return _PORT

    def ensure_running(self, timeout_s: float) -> None:
        """Make the cluster if it is new and start its server if it does not run. Raises EmbeddedDatabaseError."""
        deadline = time.monotonic() + timeout_s
        user = self._prepare()
        while (state := self.state()) is not ServerState.READY:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise EmbeddedDatabaseError(
                    "database_start_timeout",
                    f"The embedded database was not ready within {timeout_s:.0f} s; see {self._log}.",
                    retryable=True,
                )
            match state:
                case ServerState.ABSENT:
                    self._launch_when_free(user, left_s)
                case ServerState.DEAF:
                    self._pg_ctl(user, ["-m", "fast", "stop"], left_s)
                case _:
                    time.sleep(_POLL_S)

    def state(self) -> ServerState:
        """How the server is, judged by its socket and by ``postmaster.pid``."""
        noted = self._read_pid_file()
        if _answers(noted.socket_directory or self._next_socket_directory()):
            return ServerState.READY if noted.ready else ServerState.BUSY
        if noted.pid is None or not _is_server(noted.pid, self.directory):
            return ServerState.ABSENT
        return ServerState.DEAF if noted.ready else ServerState.BUSY

    def stop(self, timeout_s: float) -> None:
        """Stop the server, whoever started it: cleanly, and past ``timeout_s`` at once (the next start recovers)."""
        if self.state() is ServerState.ABSENT:
            return
        user = server_user(self.directory)
        for mode in ("fast", "immediate"):
            status, _ = self._pg_ctl(user, ["-m", mode, "stop"], timeout_s)
            if status == 0 or self.state() is ServerState.ABSENT:
                return
        message = f"The embedded database in {self.directory} does not stop."
        raise EmbeddedDatabaseError("database_stop_failed", message, retryable=True)

    def _prepare(self) -> ServerUser:
        if _UNQUOTABLE & set(str(self.directory)):
            message = f"The path {self.directory} holds a character that pg_ctl cannot quote. Choose another DATA_DIR."
            raise EmbeddedDatabaseError("data_dir_not_accessible", message)
        user = server_user(self.directory)
        if user.as_process:
            open_programs(install_directory(), user)
            open_way(self.directory, user)
        version_file = self.directory / "PG_VERSION"
        if not version_file.exists():
            self._initialise(user)
        version = version_file.read_text().strip()
        if version != str(MAJOR_VERSION):
            raise EmbeddedDatabaseError(
                "database_version_mismatch",
                f"{self.directory} was made by PostgreSQL {version}; this is PostgreSQL {MAJOR_VERSION}. Dump it with "
                "the old version and load it into a new DATA_DIR.",
            )
        return user

    def _initialise(self, user: ServerUser) -> None:
        """Make the cluster beside its place and move it there whole, so that a half-made one is never taken for it."""
        parent = self.directory.parent
        if shutil.disk_usage(parent).free < _FREE_BYTES_FOR_NEW_CLUSTER:
            message = f"A new embedded database needs {_FREE_BYTES_FOR_NEW_CLUSTER // 1_000_000} MB free in {parent}."
            raise EmbeddedDatabaseError("database_disk_full", message, retryable=True)
        if self.directory.exists() and any(self.directory.iterdir()):
            message = f"{self.directory} holds files, but no database. Choose another DATA_DIR."
            raise EmbeddedDatabaseError("data_dir_not_empty", message)
        unfinished = self.directory.with_name(self.directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_private(unfinished, user)
        status, output = run_program(
            user,
            [
                *("initdb", "--pgdata", str(unfinished), "--username=postgres", "--auth=trust", "--encoding=UTF8"),
                # The same order of text everywhere, whatever the machine's C library.
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            ],
            _INITDB_TIMEOUT_S,
        )
        if status:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise diagnosis(output, "The embedded database could not be made", self.directory)
        unfinished.replace(self.directory)

    def _launch_when_free(self, user: ServerUser, timeout_s: float) -> None:
        """Processes of a server that was killed take a moment to notice."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self._launch(user, timeout_s)
            except EmbeddedDatabaseError as error:
                if error.code != "database_in_use" or time.monotonic() > deadline:
                    raise
            time.sleep(_IN_USE_PAUSE_S)

    def _launch(self, user: ServerUser, timeout_s: float) -> None:
        self._rotate_log()
        # PostgreSQL refuses to start while any process has the id in a stale file, be it a zombie or somebody else.
        # What these files protect from it sees by itself: processes of an earlier server hold its shared memory.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)
        socket_directory = self._next_socket_directory()
        (socket_directory / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)
        if socket_directory != self.directory:
            self._make_private(socket_directory, user)
        settings = {**self._settings, "unix_socket_directories": f'"{socket_directory}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log_start = self._log.stat().st_size if self._log.exists() else 0
        status, output = self._pg_ctl(user, ["-l", str(self._log), "-o", shlex.join(options), "start"], timeout_s)
        if status and self.state() is ServerState.ABSENT:
            if self._log.exists():
                output += self._log.read_bytes()[log_start:].decode("utf-8", "replace")
            raise diagnosis(output, f"The embedded database did not start; see {self._log}", self.directory)

    def _pg_ctl(self, user: ServerUser, args: list[str], timeout_s: float) -> tuple[int, str]:
        wait_s = max(1, int(timeout_s))
        # The extra seconds are for pg_ctl itself, which gives up after its own wait.
        return run_program(user, ["pg_ctl", "-D", str(self.directory), "-w", "-t", str(wait_s), *args], wait_s + 5.0)

    def _next_socket_directory(self) -> Path:
        """The cluster's own directory, or a short one beside the temporary files when that path does not do."""
        path = str(self.directory)
        # Drivers read a comma in the host as a list of hosts.
        if len(os.fsencode(path)) + len(f"/.s.PGSQL.{_PORT}") <= _MAX_SOCKET_PATH_BYTES and "," not in path:
            return self.directory
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()).resolve() / f"sales-agent-{digest}"

    def _make_private(self, directory: Path, user: ServerUser) -> None:
        """An existing one must be the server's own: the short socket directory has a name others can guess."""
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            if user.as_process and directory.lstat().st_uid == os.geteuid():
                os.chown(directory, user.uid, user.gid)
        except OSError as error:
            raise diagnosis(str(error), f"{directory} could not be made", directory) from error
        if directory.is_symlink() or directory.lstat().st_uid != user.uid:
            message = f"{directory} belongs to somebody else than {user.name}."
            raise EmbeddedDatabaseError("data_dir_not_accessible", message)

    def _read_pid_file(self) -> _PidFile:
        """A half-written file is one of a starting server, or of one that was killed while starting."""
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (FileNotFoundError, IndexError, ValueError):
            return _PidFile()
        if len(lines) < 8:
            return _PidFile(pid=pid)
        return _PidFile(pid=pid, socket_directory=Path(lines[4]), ready=lines[7].strip() == "ready")

    def _rotate_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > _MAX_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))


def _answers(socket_directory: Path) -> bool:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_directory / f".s.PGSQL.{_PORT}"))
        except OSError:
            return False
    return True


def _is_server(pid: int, directory: Path) -> bool:
    """Whether the process is a PostgreSQL on ``directory`` and not a later process with a recycled id."""
    import psutil  # noqa: PLC0415 - 40 ms, needed only after a crash

    try:
        return str(directory) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
