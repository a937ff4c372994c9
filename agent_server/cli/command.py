"""What every command has in common: exit codes, one clear line for an error, and ``--verbose`` for the whole story."""

import functools
import inspect
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any

import typer

DONE = 0
FAILED = 1
INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""

_Verbose = Annotated[bool, typer.Option("--verbose", help="Show where an error came from.")]


class CommandError(Exception):
    """The command cannot be done; the message says why and what to do."""


def command(run: Callable[..., int | None]) -> Callable[..., None]:
    """A command from a function: what it returns is the exit code (None is 0), what it raises becomes one line.

    Adds ``--verbose`` to its options, which shows the traceback as well.
    """

    @functools.wraps(run)
    def guarded(*args: Any, verbose: bool = False, **kwargs: Any) -> None:
        try:
            code = run(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if verbose:
                traceback.print_exc()
            for line in explain(error):
                print(f"error: {line}", file=sys.stderr)
            raise typer.Exit(FAILED) from None
        raise typer.Exit(code or DONE)

    signature = inspect.signature(run, eval_str=True)
    option = inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_Verbose)
    guarded.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), option]
    )
    guarded.__annotations__ = {**run.__annotations__, "verbose": _Verbose}
    return guarded


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
    return [f"unexpected {type(error).__name__}: {error} (--verbose shows where)"]
