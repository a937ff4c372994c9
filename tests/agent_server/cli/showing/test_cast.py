"""Whom the demo invents must be nobody."""

import csv
import io
import re
from pathlib import Path

import pytest

from agent_server.cli.outcome import CommandError
from agent_server.cli.showing.cast import load_cast, read
from agent_server.cli.showing.crm_side import CRM_PEOPLE, DISAGREEMENT, WON
from agent_server.cli.showing.crowd import Crowd
from agent_server.cli.showing.filling import CALLED, CUSTOMERS, NOT_TO_CALL
from pipelines.tts.voices import VOICES

# Set aside for fiction: 555-01xx in North America; by Ofcom in London and Leeds; by ACMA in the east of Australia.
FICTIONAL = re.compile(r"\+1[2-9]\d{2}55501\d\d|\+442079460\d{3}|\+441134960\d{3}|\+6125550\d{4}")
CAST = load_cast()
PEOPLE = Crowd(1)


def test_numbers_and_addresses_are_nobodys() -> None:
    crowd = repr([PEOPLE.person() for _ in range(700)])
    told = [
        read("cast.json").decode(),
        read("leads.csv").decode(),
        crowd,
        repr((CRM_PEOPLE, DISAGREEMENT, NOT_TO_CALL)),
    ]
    numbers = [number for text in told for number in re.findall(r"\+\d{6,}", text)]
    domains = [domain for text in told for domain in re.findall(r"@([\w.-]+)", text)]
    assert len(numbers) > 40 and len(domains) > 40
    assert [number for number in numbers if not FICTIONAL.fullmatch(number)] == []
    assert {domain for domain in domains if not domain.endswith(".example.com")} == {"delta-print"}  # refused, as meant


def test_there_are_enough_people_by_every_door_and_the_telephones_are_known() -> None:
    assert len({visit.name for visit in CAST.visits}) >= 12
    assert len({visit.id for visit in CAST.visits}) == len(CAST.visits)
    for visits in (CAST.opening(), CAST.callers()):
        assert {visit.door for visit in visits} == {"widget", "api", "phone", "terminal"}
    numbers = {row["Phone"]: row["Name"] for row in leads()}
    on_the_phone = [visit for visit in CAST.visits if visit.door == "phone"]
    assert {visit.voice for visit in on_the_phone} <= VOICES.keys()
    known_elsewhere = {"+13055550124"}
    assert all(numbers[visit.number] == visit.name for visit in on_the_phone if visit.number not in known_elsewhere)


def test_who_comes_again_was_there_before() -> None:
    assert {visit.name for visit in CAST.visits if visit.again} <= {
        visit.name for visit in CAST.visits if not visit.again
    }


def test_what_the_filling_names_is_in_the_table() -> None:
    companies = {row["Company"] for row in leads()}
    assert {*CALLED, *CUSTOMERS, *WON, "Golden Crust Bakery", "Pine Tools"} <= companies


def test_other_people_are_read_and_mistakes_are_told(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text('{"visits": [{"id": "a", "name": "Ann", "door": "api", "lines": [{"text": "Hi"}]}]}')
    assert [visit.name for visit in load_cast(file).visits] == ["Ann"]
    for text, told in (
        ('{"visits": [{"id": "a"}]}', "is no cast: .*name"),
        ('{"visits": [{"id": "a", "name": "Ann", "door": "phone", "lines": []}]}', "needs a number, and a has none"),
    ):
        file.write_text(text)
        with pytest.raises(CommandError, match=told):
            load_cast(file)
    with pytest.raises(CommandError, match="No such file"):
        load_cast(tmp_path / "nobody.json")


def leads() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read("leads.csv").decode())))
