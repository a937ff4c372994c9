"""Where a benchmark's result goes."""

from pathlib import Path


def result_file(text: str) -> Path:
    """For ``--json``: its folder is made before anything is measured, lest hours of it end in an error."""
    path = Path(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
