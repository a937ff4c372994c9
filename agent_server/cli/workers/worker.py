"""One of the processes that serve. Started by ``parent``, never by hand.

Standard input brings one line of JSON, the settings that differ from the environment's, and stays open for as long as
the parent lives. One line on standard output says that it serves.
"""

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import msgspec

from agent_server.cli.outcome import FAILED, explain

if TYPE_CHECKING:
    from agent_server.settings import Settings


def main() -> None:
    overrides = msgspec.json.decode(sys.stdin.buffer.readline(), type=dict[str, str])
    try:
        _serve(overrides)
    except Exception as error:
        for line in explain(error):
            print(f"error: {line}", file=sys.stderr, flush=True)
        sys.exit(FAILED)


def _serve(overrides: dict[str, str]) -> None:
    import uvloop

    from agent_server.settings import load_settings
    from agent_server.telemetry.logging import configure_logging

    settings = load_settings(overrides)
    configure_logging(settings.process.log_level, settings.process.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_while_parent_lives(settings))


async def _serve_while_parent_lives(settings: "Settings") -> None:
    from agent_server.server import serve

    asyncio.get_running_loop().add_reader(0, _drain_at_end_of_input)
    await serve(settings, announce=_say, reuse_port=True)


def _drain_at_end_of_input() -> None:
    if not os.read(0, 4096):
        asyncio.get_running_loop().remove_reader(0)
        os.kill(os.getpid(), signal.SIGTERM)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
