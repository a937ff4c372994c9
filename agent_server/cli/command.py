"""What every command has in common on the command line: exit codes, errors in one line, and ``--verbose``."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from agent_server.cli.outcome import exit_code

_PASSING = (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError)
"""Typer knows what to do; of a reader that has seen enough, nothing is said."""
_Verbose = Annotated[bool, typer.Option("--verbose", help="Show where an error came from.")]


def command(run: Callable[..., int | None]) -> Callable[..., None]:
    """A command from a function, which ends as ``exit_code`` says. Adds ``--verbose`` to its options."""

    @functools.wraps(run)
    def guarded(*args: Any, verbose: bool = False, **kwargs: Any) -> None:
        work = functools.partial(run, *args, **kwargs)
        raise typer.Exit(exit_code(work, verbose=verbose, passing=_PASSING)) from None

    signature = inspect.signature(run, eval_str=True)
    option = inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_Verbose)
    guarded.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), option]
    )
    guarded.__annotations__ = {**run.__annotations__, "verbose": _Verbose}
    return guarded
