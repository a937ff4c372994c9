"""People without end: each somebody else, all able to be understood."""

import csv
import io
import re
from itertools import islice

from agent_server.cli.showing.cast import load_cast, read
from agent_server.cli.showing.crowd import Crowd, sources
from pipelines.tts.voices import VOICES


def test_hundreds_come_before_a_name_or_a_number_does_again_and_none_is_of_the_cast() -> None:
    crowd = Crowd(3)
    people = [crowd.person() for _ in range(600)]
    assert len({person.name for person in people}) == len({person.number for person in people}) == 600
    table = list(csv.DictReader(io.StringIO(read("leads.csv").decode())))
    assert {person.name for person in people}.isdisjoint({visit.name for visit in load_cast().visits})
    assert {person.company for person in people}.isdisjoint({row["Company"] for row in table})
    assert {person.number for person in people}.isdisjoint({row["Phone"] for row in table})


def test_they_come_by_every_door_say_what_is_theirs_and_not_the_same_things() -> None:
    visits = list(islice(Crowd(4).visits(), 300))
    assert {visit.door for visit in visits} == {"widget", "api", "phone", "terminal"}
    said = [tuple(line.text for line in visit.lines) for visit in visits]
    assert not re.search(r"[{}]", repr(said))
    assert len(set(said)) > 250
    on_the_phone = [visit for visit in visits if visit.door == "phone"]
    assert all(visit.number and visit.voice in VOICES for visit in on_the_phone)


def test_the_same_seed_is_the_same_crowd() -> None:
    first, again, other = ([visit.name for visit in islice(Crowd(seed).visits(), 9)] for seed in (1, 1, 2))
    assert first == again != other


def test_who_is_called_answers_by_telephone() -> None:
    assert {door for talk in sources().answered for door in talk.doors} == {"phone"}
