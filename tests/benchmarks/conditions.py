"""Under what conditions something was measured: printed above every table, kept in every result."""

import os
import platform
import subprocess
from importlib.metadata import version

from msgspec import Struct

_PACKAGES = ("aiohttp", "uvloop", "msgspec", "numpy", "onnxruntime", "asyncpg")
_BUSY = 0.3
"""Load average a core, over the last minute, from which on figures say more about the machine than about the code."""


class Conditions(Struct, frozen=True):
    cores: int
    processor: str
    load: float
    python: str
    commit: str
    packages: dict[str, str]

    @property
    def is_busy(self) -> bool:
        return self.load / self.cores > _BUSY

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        lines = [
            f"{self.cores} cores ({self.processor}), load {self.load:.2f}, Python {self.python}, commit {self.commit}",
            packages,
        ]
        if self.is_busy:
            lines.append("WARNING: this machine is busy. Read ratios of one run, not absolute figures.")
        return "\n".join(lines)


def conditions() -> Conditions:
    return Conditions(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        load=os.getloadavg()[0],
        python=platform.python_version(),
        commit=_commit(),
        packages={name: version(name) for name in _PACKAGES},
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    except OSError:
        return platform.machine()


def _commit() -> str:
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip()
