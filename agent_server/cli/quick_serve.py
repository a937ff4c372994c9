"""``sales-agent serve`` without the command line's library, which takes a sixth of the time a server needs to start.

Only the plain spelling of options that are right is read here. Everything else, help and mistakes included, is the
library's: ``agent_server.cli.serve`` has the same options for it.
"""

from collections.abc import Callable, Mapping, Sequence

from agent_server.cli.serving import ServeOptions

_MAX_PORT = 65535
_MAX_WORKERS = 64
_WANTED: Mapping[str, Callable[[str], bool]] = {
    "--host": bool,
    "--port": lambda value: _is_number(value, 0, _MAX_PORT),
    "--data-dir": bool,
    "--workers": lambda value: _is_number(value, 1, _MAX_WORKERS),
}
_SETTINGS = {"--host": "HOST", "--port": "PORT", "--data-dir": "DATA_DIR"}


def serve_options(arguments: Sequence[str]) -> ServeOptions | None:
    """The options of a plain ``serve``; None: let the library read these arguments."""
    if arguments[:1] != ["serve"]:
        return None
    verbose = False
    given: dict[str, str] = {}
    rest = iter(arguments[1:])
    for argument in rest:
        if argument == "--verbose":
            verbose = True
            continue
        option, equals, value = argument.partition("=")
        is_wanted = _WANTED.get(option)
        value = value if equals else next(rest, "")
        if is_wanted is None or value.startswith("-") or not is_wanted(value):
            return None
        given[option] = value
    overrides = {_SETTINGS[option]: value for option, value in given.items() if option in _SETTINGS}
    return ServeOptions(overrides, int(given.get("--workers", "1")), verbose)


def _is_number(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= len(str(most)) and least <= int(value) <= most
