"""Which release this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    try:
        return version("sales-agent")
    except PackageNotFoundError:
        return "unknown"
