"""How a command ends: its exit code, one clear line for an error, and with ``--verbose`` the whole story."""

import sys
import traceback
from collections.abc import Callable

DONE = 0
FAILED = 1
INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""


class CommandError(Exception):
    """The command cannot be done; the message says why and what to do."""


def exit_code(
    work: Callable[[], int | None], *, verbose: bool = False, passing: tuple[type[Exception], ...] = ()
) -> int:
    """Do the work: what it returns is the exit code (None is 0), what it raises becomes a line on standard error.

    ``passing``: errors that somebody else tells of.
    """
    try:
        return work() or DONE
    except passing:
        raise
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if verbose:
            traceback.print_exc()
        for line in explain(error):
            print(f"error: {line}", file=sys.stderr)
        return FAILED


def explain(error: BaseException) -> list[str]:
    """What to tell the user. Errors of ours speak for themselves; of others the kind is named, for a report."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    problems = getattr(error, "problems", None)
    if isinstance(problems, tuple):
        return [str(problem) for problem in problems]
    if isinstance(error, CommandError) or isinstance(getattr(error, "code", None), str):
        return [str(error)]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    if isinstance(error, ModuleNotFoundError):
        return [f"The package {error.name} is missing; `make install` gets what this release needs."]
    return [f"unexpected {type(error).__name__}: {error} (--verbose shows where)"]
