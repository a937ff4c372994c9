"""``sales-agent serve``: the server, in one process or in several."""

from pathlib import Path
from typing import Annotated

import typer


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
    from agent_server.settings import load_settings

    given = {"HOST": host, "PORT": port, "DATA_DIR": data_dir}
    settings = load_settings({name: str(value) for name, value in given.items() if value is not None})
    if workers == 1:
        from agent_server.cli.early_database import early_database

        with early_database(settings.process):
            from agent_server.server import run_server

            run_server(settings)
    else:
        from agent_server.cli.workers.parent import run_workers

        run_workers(settings, workers)
