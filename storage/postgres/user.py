"""The system user PostgreSQL runs as. It refuses to run as root, so for root there is a user of its own."""

import grp
import logging
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TypedDict

from msgspec import Struct

from storage.errors import EmbeddedDatabaseError

USER_NAME = "pgserver"
_USERADD_TIMEOUT_S = 30.0

logger = logging.getLogger(__name__)


class ProcessUser(TypedDict, total=False):
    """Arguments of ``subprocess`` that start a program as another user; empty: as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


class ServerUser(Struct, frozen=True):
    """Who the server runs as. ``groups`` includes ``gid``."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]

    @property
    def as_process(self) -> ProcessUser:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": sorted(self.groups)}


def server_user(directory: Path) -> ServerUser:
    """Ourselves; for root the owner of an existing cluster, else the user ``pgserver``, made when missing.

    Raises EmbeddedDatabaseError ``database_user_missing``.
    """
    uid = os.geteuid() or (directory.stat().st_uid if directory.exists() else 0)
    if uid == 0:
        return _as_user(_dedicated_user())
    try:
        return _as_user(pwd.getpwuid(uid))
    except KeyError as error:
        message = f"PostgreSQL needs a name for the user {uid}, and the system's user list has none. Add one to it."
        raise EmbeddedDatabaseError("database_user_missing", message) from error


def missing_search_bit(status: os.stat_result, user: ServerUser) -> int:
    """The permission bit ``user`` lacks to pass through a directory; 0: it may pass. Access lists are not looked at."""
    if user.uid == 0:
        return 0
    if status.st_uid == user.uid:
        bit = stat.S_IXUSR
    elif status.st_gid in user.groups:
        bit = stat.S_IXGRP
    else:
        bit = stat.S_IXOTH
    return bit & ~status.st_mode


def open_way(path: Path, user: ServerUser) -> None:
    """Let ``user`` pass through every directory above ``path`` (not list it), where root runs the server for it.

    A private directory, such as one made by ``mktemp -d`` or the home of root, would otherwise lock the server out.
    Raises EmbeddedDatabaseError ``data_dir_not_traversable`` when that cannot be changed.
    """
    for parent in path.resolve().parents:
        status = parent.stat()
        bit = missing_search_bit(status, user)
        if not bit:
            continue
        try:
            parent.chmod(stat.S_IMODE(status.st_mode) | bit)
        except OSError as error:
            raise EmbeddedDatabaseError(
                "data_dir_not_traversable",
                f"The embedded database runs as the user {user.name}, who may not pass through {parent}. "
                f"Choose another DATA_DIR, or allow it: chmod o+x {parent}",
            ) from error
        logger.warning("gave %s the right to pass through %s, to reach the embedded database", user.name, parent)


def open_programs(install: Path, user: ServerUser) -> None:
    """Let ``user`` run what is installed below ``install``, where it was unpacked for root alone."""
    open_way(install, user)
    for path in (install, *install.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode & needed != needed:
            path.chmod(mode | needed)


def _as_user(entry: pwd.struct_passwd) -> ServerUser:
    groups = frozenset(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return ServerUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, groups=groups)


def _dedicated_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError:
        _add_user()
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError as error:
        raise EmbeddedDatabaseError(
            "database_user_missing",
            f"PostgreSQL does not run as root and the user {USER_NAME} could not be made. Start the server as another "
            f"user, add the user {USER_NAME}, or set DATABASE_URL to a PostgreSQL of your own.",
        ) from error


def _add_user() -> None:
    """Whether it worked shows in the user list: another process may have been first."""
    program = shutil.which("useradd")
    if program is None:
        return
    group = ["--gid", USER_NAME] if any(entry.gr_name == USER_NAME for entry in grp.getgrall()) else ["--user-group"]
    subprocess.run(
        [
            program,
            "--system",
            *group,
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/bin/false",
            USER_NAME,
        ],
        check=False,
        capture_output=True,
        timeout=_USERADD_TIMEOUT_S,
    )
