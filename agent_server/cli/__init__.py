"""The command line: ``sales-agent``, also ``python -m agent_server``. One file a command."""


def main() -> None:
    """Run the program with the arguments of this process. Exit codes: 0 done, 1 failed, 2 wrong usage."""
    from agent_server.cli.program import program

    program(prog_name="sales-agent")
