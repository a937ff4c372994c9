"""The command line: ``sales-agent``, also ``python -m agent_server``. One file a command."""

import sys

from agent_server.cli.outcome import INTERRUPTED


def main() -> None:
    """Run the program with the arguments of this process. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C."""
    try:
        _run(sys.argv[1:])
    except KeyboardInterrupt:  # while the command was still being loaded
        sys.exit(INTERRUPTED)


def _run(arguments: list[str]) -> None:
    from agent_server.cli.quick_serve import serve_options

    options = serve_options(arguments)
    if options is not None:
        from agent_server.cli.outcome import exit_code
        from agent_server.cli.serving import serve_until_stopped

        sys.exit(exit_code(lambda: serve_until_stopped(options), verbose=options.verbose))

    from agent_server.cli.program import program

    program(prog_name="sales-agent")
