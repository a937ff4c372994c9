"""``sales-agent serve``: the server, in one process or in several."""

from pathlib import Path
from typing import Annotated

import typer

from agent_server.cli.serving import ServeOptions, serve_until_stopped


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; unset: HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; unset: PORT, else 8080; 0: any free one.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Directory of the embedded database and of the first key; unset: DATA_DIR.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that share the port; MAX_CONVERSATIONS is divided among them.")
    ] = 1,
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Running conversations may then finish for DRAIN_SECONDS; a second signal stops at once.
    """
    given = {"HOST": host, "PORT": port, "DATA_DIR": data_dir}
    overrides = {name: str(value) for name, value in given.items() if value is not None}
    serve_until_stopped(ServeOptions(overrides, workers))
