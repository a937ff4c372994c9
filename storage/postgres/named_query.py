"""SQL in ``.sql`` files, each query under a name that code, logs, errors and metrics share.

File format::

    -- query_name --
    -- What it does, in as many comment lines as it takes.
    SELECT id FROM things
    WHERE owner = %(owner)s
      AND kind = %(kind)s -- if kind

``%(name)s`` is a parameter, passed by keyword. A line that ends with ``-- if name`` is there only when the parameter
``name`` is given and not None: one query text a combination of filters, so that the planner sees exactly the
conditions that apply and takes the index made for them.

A comment line ``-- plan: each time`` below the name makes ``fetch_all`` plan the query anew for its values. Lists need
it: PostgreSQL soon keeps one plan for any values, and that plan looks for a rare value by reading everything.

A header ``-- part: thing_columns --`` begins no query, but text that others of the file hold as ``{thing_columns}``.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

_HEADER = re.compile(r"^-- (part: )?([a-z0-9_]+) --\n((?:--.*\n)*)", re.MULTILINE)
_PLAN_EACH_TIME = "-- plan: each time\n"
_CONDITION = re.compile(r"^(.*?)\s*-- if ([a-z0-9_]+)$", re.MULTILINE)
_PART = re.compile(r"\{([a-z0-9_]+)\}")
_PARAMETER = re.compile(r"%\(([a-z0-9_]+)\)s")


class Query:
    """A named query, rendered to PostgreSQL's ``$1`` form; each rendering is made once."""

    __slots__ = ("_conditional", "_rendered", "name", "plan_each_time", "sql")

    def __init__(self, name: str, sql: str, *, plan_each_time: bool = False) -> None:
        self.name = name
        self.sql = sql
        self.plan_each_time = plan_each_time
        self._conditional = tuple(sorted({match[2] for match in _CONDITION.finditer(sql)}))
        self._rendered: dict[tuple[bool, ...], tuple[str, tuple[str, ...]]] = {}

    def render(self, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The text and its positional arguments. Raises KeyError when a parameter is missing."""
        given = tuple(params.get(name) is not None for name in self._conditional)
        rendered = self._rendered.get(given)
        if rendered is None:
            kept = _keep(self.sql, dict(zip(self._conditional, given, strict=True)))
            rendered = self._rendered[given] = _number(kept)
        text, names = rendered
        return text, [params[name] for name in names]


@cache
def load_queries(package: str, file: str) -> Mapping[str, Query]:
    """The queries of ``<package>/<file>`` by name. Raises ValueError when the file names a query twice or none."""
    text = (resources.files(package) / file).read_text(encoding="utf-8")
    _, *found = _HEADER.split(text)
    names = found[1::4]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"{package}/{file} must name every query exactly once")
    entries = list(zip(found[::4], names, found[2::4], map(_text, found[3::4]), strict=True))
    parts = {name: body for is_part, name, _, body in entries if is_part}
    return {
        name: Query(name, _whole(body, parts), plan_each_time=_PLAN_EACH_TIME in comment)
        for is_part, name, comment, body in entries
        if not is_part
    }


def _text(body: str) -> str:
    return body.strip().rstrip(";")


def _whole(body: str, parts: Mapping[str, str]) -> str:
    """With its parts in place; other braces are PostgreSQL's."""
    return _PART.sub(lambda match: parts.get(match[1], match[0]), body)


def _keep(sql: str, given: Mapping[str, bool]) -> str:
    kept = _CONDITION.sub(lambda match: match[1] if given[match[2]] else "", sql)
    return "\n".join(line for line in kept.splitlines() if line.strip())


def _number(sql: str) -> tuple[str, tuple[str, ...]]:
    names: dict[str, int] = {}
    text = _PARAMETER.sub(lambda match: f"${names.setdefault(match[1], len(names) + 1)}", sql)
    return text, tuple(names)
