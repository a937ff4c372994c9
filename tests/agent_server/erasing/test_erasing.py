"""A person goes from everywhere, whatever breaks off in between; figures and other people stay."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from erasing_parts import erase, everywhere, parts
from somebody import AN_HOUR_AGO, EMAIL, LEAD, MARK, PHONE, SECOND_PHONE, TRACES, everything, somebody

from agent_server.erasing.work import ErasureWork
from pipelines.agents.lead import LeadFacts
from pipelines.agents.ledger import Ledger, whom
from storage.agents.runs import RunClaim
from storage.erasure.digests import Digests, ErasedPeople
from storage.erasure.eraser import Counts, Eraser, How
from storage.erasure.person import Ambiguous, Person, Subject
from storage.keys.secret_tokens import utc_now
from storage.ledger.tracking import TrackingLog
from storage.postgres.database import Database
from storage.postgres.named_query import Query

SUBJECTS = [Subject(lead_id=LEAD), Subject(phone=PHONE), Subject(email=EMAIL)]


async def test_nothing_is_left_of_a_person_and_all_of_others(database: Database, tmp_path: Path) -> None:
    made = await somebody(database, tmp_path)
    before = await everything(database)
    tables = {table for table, text in before.items() if MARK in text}
    assert tables >= {"leads", "crm_outbox", "checkpoint_blobs", "webhook_deliveries"}
    kept = parts(database, tmp_path)
    plan, *others = [await kept.plan(subject, "delete") for subject in SUBJECTS]
    assert others == [plan, plan], "it is one person, however named"
    assert {line.kind: line.count for line in plan.lines}["items"] == 2
    assert (await everything(database)) == before, "looking changes nothing"
    erasure = await erase(kept, SUBJECTS[1])
    assert erasure.status == "finished"
    assert await everywhere(database) == {}
    assert not made.recording.exists() and not made.sound.exists()
    assert (tmp_path / "conv_eve-item1.jsonl").exists()
    after = await everything(database)
    assert "eve@other.example" in after["leads"] and "hello" in after["conversation_items"]
    assert "thread-eve" in after["checkpoints"]
    assert erasure.counts["items"] == 2 and erasure.counts["recordings"] == 1 and erasure.counts["threads"] == 2
    assert erasure.subject is None
    spent = await database.fetch_value(Query("spent", "SELECT sum(cost_usd)::float FROM usage_daily"))
    assert spent == 0.375, "figures stay"
    assert await database.fetch_value(Query("turns", "SELECT count(*) FROM conversation_turns")) == 2
    assert await database.fetch_value(Query("cost", "SELECT cost_usd FROM agent_executions")) == 0.5


class _Breaks(Exception):  # noqa: N818
    pass


class _Breaking:
    """Does its work and then breaks off before that is noted."""

    def __init__(self, eraser: Eraser) -> None:
        self.name = eraser.name
        self._eraser = eraser

    async def count(self, transaction: Any, person: Person) -> Counts:
        return await self._eraser.count(transaction, person)

    async def erase(self, transaction: Any, person: Person, how: How) -> Counts:
        await self._eraser.erase(transaction, person, how)
        raise _Breaks


async def test_it_is_taken_up_again_after_it_broke_off_at_any_step(database: Database, tmp_path: Path) -> None:
    """Each process dies in the next step: the one before is done by its successor."""
    await somebody(database, tmp_path)
    whole = parts(database, tmp_path)
    erasure, _ = await whole.ask(SUBJECTS[1], "keep", requested_by=None, now=utc_now())
    for number, _ in enumerate(whole.erasers):
        dying = parts(database, tmp_path)
        steps = list(dying.erasers)
        steps[number] = _Breaking(steps[number])  # type: ignore[call-overload]
        dying.erasers = tuple(steps)
        claimed = await dying.claim()
        assert claimed is not None
        with pytest.raises(_Breaks):
            await ErasureWork(dying, utc_now).carry_out(claimed)
        assert await dying.claim() is None, "it is in the dead process's hands for a while"
        await database.execute(Query("late", "UPDATE erasures SET run_until = now() - interval '1 second'"))
    claimed = await whole.claim()
    assert claimed is not None
    await ErasureWork(whole, utc_now).carry_out(claimed)
    done = await whole.get(erasure.id)
    assert done is not None and done.status == "finished"
    assert await everywhere(database) == {}


async def test_a_conversation_that_is_under_way_ends_first(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path)
    await database.execute(
        Query("open", "UPDATE conversations SET status = 'open', updated_at = now() WHERE id = 'conv_ada'")
    )
    kept = parts(database, tmp_path)
    erasure, _ = await kept.ask(SUBJECTS[0], "delete", requested_by=None, now=utc_now())
    work = ErasureWork(kept, utc_now, again_s=0.0)
    claimed = await kept.claim()
    assert claimed is not None
    await work.carry_out(claimed)
    waiting = await kept.get(erasure.id)
    assert waiting is not None and (waiting.status, waiting.waits_for) == ("waiting", "conversations")
    assert MARK in (await everything(database))["conversation_items"]
    await database.execute(
        Query("end", "UPDATE conversations SET status = 'closed', updated_at = %(at)s WHERE id = 'conv_ada'"),
        at=AN_HOUR_AGO,
    )
    claimed = await kept.claim()
    assert claimed is not None
    await work.carry_out(claimed)
    assert await everywhere(database) == {}


async def test_asked_for_twice_it_is_one(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path)
    kept = parts(database, tmp_path)
    asked = await asyncio.gather(*(kept.ask(SUBJECTS[0], "delete", requested_by=None, now=utc_now()) for _ in range(4)))
    assert len({erasure.id for erasure, _ in asked}) == 1
    assert [is_new for _, is_new in asked].count(True) == 1
    done = await erase(kept, SUBJECTS[0])
    for subject in SUBJECTS:
        again, is_new = await kept.ask(subject, "delete", requested_by=None, now=utc_now())
        assert (again.id, is_new) == (done.id, False), "known by any of their names"


async def test_who_is_not_to_be_called_is_known_by_hash_alone(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path)
    kept = parts(database, tmp_path)
    await erase(kept, SUBJECTS[0])
    people = ErasedPeople(database, kept.digests)
    for number in (PHONE, SECOND_PHONE):
        known = await people.get("phone", number)
        assert known is not None and known.do_not_call
    email = await people.get("email", EMAIL)
    assert email is not None and email.do_not_call
    assert await ErasedPeople(database, Digests(["B" * 43 + "="])).get("phone", PHONE) is None
    rotated = Digests(["B" * 43 + "=", "A" * 43 + "="])
    assert await ErasedPeople(database, rotated).get("phone", PHONE) is not None, "an older key still finds it"


async def test_who_did_not_ask_for_peace_may_be_called_when_they_come_again(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path, opted_out=False)
    kept = parts(database, tmp_path)
    await erase(kept, SUBJECTS[0])
    known = await ErasedPeople(database, kept.digests).get("phone", PHONE)
    assert known is not None and not known.do_not_call


async def test_a_number_that_several_people_share_names_nobody(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path)
    await database.execute(
        Query("share", "UPDATE leads SET contact_phone = %(phone)s WHERE contact_email = 'eve@other.example'"),
        phone=PHONE,
    )
    kept = parts(database, tmp_path)
    with pytest.raises(Ambiguous) as refused:
        await kept.plan(Subject(phone=PHONE), "delete")
    assert LEAD in refused.value.leads
    plan = await kept.plan(Subject(lead_id=LEAD), "delete")
    assert plan.sharing_number == 1
    await erase(kept, Subject(lead_id=LEAD))
    assert "eve@other.example" in (await everything(database))["leads"]


async def test_everything_is_shown(database: Database, tmp_path: Path) -> None:
    await somebody(database, tmp_path)
    kept = parts(database, tmp_path)
    shown = [record async for record in kept.show(Subject(email=EMAIL))]
    kinds = {kind for kind, _ in shown}
    plan = await kept.plan(Subject(email=EMAIL), "delete")
    assert kinds >= {line.kind for line in plan.lines} - {"crm_messages"}
    assert all(trace not in ("", None) for trace in TRACES)


@pytest.mark.parametrize("invited", ["invited_sequence = 0", "mailing_until = now(), invite_after = now()"])
async def test_a_meeting_to_come_is_cancelled_before(database: Database, tmp_path: Path, invited: str) -> None:
    await somebody(database, tmp_path)
    await database.execute(
        Query(
            "ahead",
            "UPDATE bookings SET starts_at = now() + interval '1 day', ends_at = now() + interval '25 hours',"
            f" {invited}",
        )
    )
    kept = parts(database, tmp_path)
    erasure, _ = await kept.ask(SUBJECTS[0], "delete", requested_by=None, now=utc_now())
    claimed = await kept.claim()
    assert claimed is not None
    await ErasureWork(kept, utc_now, again_s=0.0).carry_out(claimed)
    waiting = await kept.get(erasure.id)
    assert waiting is not None and waiting.waits_for == "bookings", "whoever is invited is told first"
    assert await database.fetch_value(Query("s", "SELECT status FROM bookings WHERE id = 'bkg_ada'")) == "cancelled"
    await database.execute(Query("told", "UPDATE bookings SET invite_after = NULL"))
    await erase(kept, SUBJECTS[0])
    assert await everywhere(database) == {}


async def test_one_that_breaks_keeps_none_of_the_others_waiting(caplog: pytest.LogCaptureFixture) -> None:
    again = asyncio.Event()

    class Breaking:
        tries = 0

        async def claim(self) -> None:
            self.tries += 1
            if self.tries == 1:
                raise OSError(28, "No space left on device")
            again.set()

    work = ErasureWork(Breaking(), utc_now)  # type: ignore[arg-type]
    keeping = asyncio.create_task(work.keep())
    try:
        await asyncio.sleep(0)
        work.wake()
        async with asyncio.timeout(10):
            await again.wait()
    finally:
        keeping.cancel()
    assert "an erasure broke" in caplog.text


async def test_threads_of_a_lead_that_was_given_are_found(database: Database, tmp_path: Path) -> None:
    """By its address, or its number where no other address stands beside it."""
    await somebody(database, tmp_path)
    given = {
        "by-address": (LeadFacts(contact_email=EMAIL.upper()),),
        "by-number": (LeadFacts(contact_phone=PHONE),),
        "by-an-earlier-run": (LeadFacts(contact_email=EMAIL), LeadFacts(contact_email="eve@other.example")),
        "of-a-colleague": (LeadFacts(contact_email="eve@other.example", contact_phone=PHONE),),
    }
    tracked = TrackingLog(database)
    async with tracked:
        for thread, leads in given.items():
            for number, lead in enumerate(leads):
                ran = _ran(thread, number)
                ledger = Ledger(tracked, lambda number=number: AN_HOUR_AGO + timedelta(seconds=number))
                ledger.started(ran, whom(lead))
                assert await tracked.flush(5.0)
            await database.execute(Query("thread", "INSERT INTO checkpoints VALUES (%(id)s, '1', '{}')"), id=thread)
    await erase(parts(database, tmp_path), SUBJECTS[0])
    left = await everything(database)
    assert [thread for thread in given if thread in left["checkpoints"]] == ["of-a-colleague"]
    assert [thread for thread in given if thread in left["workflow_state"]] == ["of-a-colleague"]
    assert [thread for thread in given if thread in left["agent_executions"]] == ["of-a-colleague"]


def _ran(thread: str, number: int) -> RunClaim:
    ids = {"thread_id": thread, "execution_id": f"exec-{number}" + thread[-4:], "agent": "qualification"}
    return RunClaim(**ids, holder="process", started_at=AN_HOUR_AGO)
