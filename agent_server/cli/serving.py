"""What ``sales-agent serve`` does, once its options are read."""

from msgspec import Struct


class ServeOptions(Struct, frozen=True):
    """``overrides``: settings by variable that win over the environment. ``workers``: processes that serve."""

    overrides: dict[str, str] = {}
    workers: int = 1
    verbose: bool = False


def serve_until_stopped(options: ServeOptions) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises what keeps the server from starting."""
    from agent_server.settings import load_settings

    settings = load_settings(options.overrides)
    if options.workers == 1:
        from agent_server.cli.early_database import early_database

        with early_database(settings.process):
            from agent_server.server import run_server

            run_server(settings)
    else:
        from agent_server.cli.workers.parent import run_workers

        run_workers(settings, options.workers)
