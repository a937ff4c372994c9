"""``sales-agent simulate``: the outside world, offline, on one port."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8090,
    config: Annotated[Path | None, typer.Option(help="JSON file with the whole configuration.")] = None,
    delays: Annotated[
        str, typer.Option(help="How long the providers take, such as 'cerebras.first_token_ms=150'.")
    ] = "",
    faults: Annotated[
        str, typer.Option(help="What goes wrong, such as 'cerebras:stall@first,nth=3; deepgram:refuse,status=503'.")
    ] = "",
) -> None:
    """Every provider over its true wire protocol. Prints the settings that point a server at them."""
    import uvloop

    uvloop.run(_simulate(host, port, config, delays, faults))


async def _simulate(host: str, port: int, path: Path | None, delays: str, faults: str) -> None:
    from agent_server.cli.outcome import CommandError
    from agent_server.cli.stop_signal import stop_signal
    from simulators.app import start
    from simulators.config import load_config
    from simulators.errors import ConfigError

    try:
        config = load_config(path, delays=delays, faults=faults)
        try:
            running = await start(config, host, port)
        except OSError as error:
            message = f"Port {port} of {host} cannot be used ({os.strerror(error.errno or 0)}); give another --port."
            raise CommandError(message) from error
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
    async with running:
        with stop_signal() as stop:  # before whoever waits for the lines may send one
            print(f"# The providers, simulated at {running.urls.http}; put these lines into .env or the environment.")
            for name, value in running.settings.items():
                print(f"{name}={value}")
            sys.stdout.flush()
            await stop.wait()
