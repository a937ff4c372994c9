"""``sales-agent demo``: the whole product at work, offline, on data of its own."""

from pathlib import Path
from typing import Annotated

import typer

DIRECTORY = "demo"


def demo(
    *,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the demo keeps its data; unset: demo in DATA_DIR.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of its server; unset: 8080, or a free one; 0: any free.")
    ] = None,
    every: Annotated[float, typer.Option(min=1, max=3600, help="Seconds between two who come.")] = 20.0,
    cast: Annotated[
        Path | None, typer.Option(help="Other people: a JSON file in the form of agent_server/cli/showing/cast.json.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, without the data of the last time.")] = False,
) -> None:
    """A sales team's busy day, made up: people call and write while you watch, until Ctrl-C.

    Needs no keys and no network, and uses none that are set: providers are simulated, and nothing goes out.
    """
    import asyncio

    from agent_server.cli.own_server import own_process
    from agent_server.cli.showing.run import Wish, show

    place = data_dir or own_process().data_dir / DIRECTORY
    again = "sales-agent demo" + (f" --data-dir {data_dir}" if data_dir is not None else "")
    asyncio.run(show(Wish(data_dir=place, port=port, every_s=every, fresh=fresh, cast=cast, command=again)))
