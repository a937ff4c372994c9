import re
from pathlib import Path

import pytest

import storage
from storage.postgres.named_query import Query, load_queries

LIST = Query(
    "list_things",
    "SELECT id FROM things\nWHERE true\n    AND kind = %(kind)s -- if kind\n    AND owner = %(owner)s\nLIMIT %(rows)s",
)


def test_parameters_are_numbered_in_the_order_of_the_text():
    text, args = LIST.render({"rows": 5, "kind": "a", "owner": "b"})
    assert text == "SELECT id FROM things\nWHERE true\n    AND kind = $1\n    AND owner = $2\nLIMIT $3"
    assert args == ["a", "b", 5]


def test_a_conditional_line_goes_with_its_parameter():
    text, args = LIST.render({"rows": 5, "kind": None, "owner": "b"})
    assert text == "SELECT id FROM things\nWHERE true\n    AND owner = $1\nLIMIT $2"
    assert args == ["b", 5]
    assert LIST.render({"rows": 5, "owner": "b"}) == (text, args)


def test_a_parameter_used_twice_is_passed_once():
    text, args = Query("twice", "SELECT %(a)s, %(b)s::text, %(a)s").render({"a": 1, "b": 2})
    assert (text, args) == ("SELECT $1, $2::text, $1", [1, 2])


def test_false_is_given_and_none_is_not():
    query = Query("flag", "SELECT 1\nWHERE x = %(x)s -- if x")
    assert query.render({"x": False}) == ("SELECT 1\nWHERE x = $1", [False])
    assert query.render({"x": None}) == ("SELECT 1", [])


def test_a_missing_parameter_is_an_error():
    with pytest.raises(KeyError):
        LIST.render({"rows": 5})


def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, Query]:
    (tmp_path / "x.sql").write_text(text)
    monkeypatch.setattr(storage.postgres.named_query.resources, "files", lambda _: tmp_path)
    return dict(load_queries.__wrapped__("package", "x.sql"))


def test_a_file_is_split_at_its_headers(tmp_path, monkeypatch):
    text = "-- About the file.\n\n-- one --\n-- What it does.\n-- More.\nSELECT 1;\n\n-- two --\nSELECT 2\n"
    queries = load(tmp_path, monkeypatch, text)
    assert {name: query.sql for name, query in queries.items()} == {"one": "SELECT 1", "two": "SELECT 2"}
    assert queries["one"].name == "one"


def test_a_query_can_ask_to_be_planned_each_time(tmp_path, monkeypatch):
    queries = load(tmp_path, monkeypatch, "-- one --\n-- plan: each time\nSELECT 1\n\n-- two --\nSELECT 2\n")
    assert [queries[name].plan_each_time for name in ("one", "two")] == [True, False]
    assert queries["one"].sql == "SELECT 1"


@pytest.mark.parametrize("text", ["SELECT 1\n", "-- one --\nSELECT 1\n-- one --\nSELECT 2\n"])
def test_a_file_without_names_or_with_a_name_twice_is_an_error(tmp_path, monkeypatch, text):
    with pytest.raises(ValueError, match="exactly once"):
        load(tmp_path, monkeypatch, text)


def test_every_query_file_of_the_package_loads_and_names_are_unique_across_files():
    folder = Path(storage.__file__).parent / "queries"
    names = [name for file in sorted(folder.glob("*.sql")) for name in load_queries("storage.queries", file.name)]
    assert len(names) == len(set(names)) > 100
    assert all(re.fullmatch("[a-z0-9_]+", name) for name in names)


def test_queries_of_a_file_hold_its_parts(tmp_path, monkeypatch):
    text = (
        "-- part: columns --\nid, name\n\n-- part: mine --\n-- Of one owner.\nAND owner = %(owner)s -- if owner\n\n"
        "-- one --\nSELECT {columns} FROM things\nWHERE tags <> '{}' AND tags && '{blue}'\n    {mine}\n"
    )
    queries = load(tmp_path, monkeypatch, text)
    assert list(queries) == ["one"]
    assert queries["one"].render({"owner": "a"}) == (
        "SELECT id, name FROM things\nWHERE tags <> '{}' AND tags && '{blue}'\n    AND owner = $1",
        ["a"],
    )
    assert "owner" not in queries["one"].render({})[0]


def test_a_part_and_a_query_cannot_share_a_name(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="exactly once"):
        load(tmp_path, monkeypatch, "-- part: one --\nid\n\n-- one --\nSELECT {one}\n")
