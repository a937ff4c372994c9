"""The limit is strict, and draining lets everybody finish."""

import asyncio

import pytest

from agent_server.capacity.admission import Admission
from agent_server.web.errors import Problem


def refusal(admission: Admission) -> Problem:
    with pytest.raises(Problem) as caught:
        admission.admit()
    return caught.value


async def test_above_the_limit_nobody_gets_in() -> None:
    admission = Admission(2)
    with admission.admit(), admission.admit():
        problem = refusal(admission)
        assert (problem.status, problem.code) == (503, "session_limit_reached")
        assert problem.response_headers()["Retry-After"] == "5"
        assert admission.active == 2
    assert admission.active == 0


async def test_a_place_is_given_back_however_the_conversation_ends() -> None:
    admission = Admission(1)
    with pytest.raises(RuntimeError), admission.admit():
        raise RuntimeError
    ticket = admission.admit()
    with ticket:
        pass
    with ticket:  # leaving twice gives one place back
        pass
    with admission.admit():
        assert refusal(admission).code == "session_limit_reached"


async def test_nothing_is_promised_that_cannot_be_written_down() -> None:
    durable = False
    admission = Admission(1, durable=lambda: durable)
    problem = refusal(admission)
    assert (problem.status, problem.code) == (503, "storage_unavailable")
    assert problem.response_headers()["Retry-After"] == "5"
    assert not admission.has_room
    durable = True
    assert admission.has_room
    with admission.admit():
        pass


async def test_checking_takes_no_place() -> None:
    admission = Admission(1)
    admission.check()
    admission.check()
    with admission.admit(), pytest.raises(Problem):
        admission.check()


async def test_draining_waits_for_the_last_conversation() -> None:
    admission = Admission(5)
    ticket = admission.admit()
    waiting = asyncio.create_task(admission.drained(30.0))
    await asyncio.sleep(0)
    assert refusal(admission).code == "server_draining"
    assert not waiting.done()
    with ticket:
        pass
    assert await waiting is True
    assert admission.ending.is_set()


async def test_at_the_deadline_who_is_left_is_told_to_end() -> None:
    admission = Admission(5)
    with admission.admit():
        assert await admission.drained(0.01) is False
        assert admission.ending.is_set()


async def test_draining_an_empty_server_takes_no_time() -> None:
    assert await Admission(5).drained(0.0) is True


async def test_a_busy_process_takes_nobody_more_and_keeps_whom_it_has() -> None:
    busy = False
    admission = Admission(5, busy=lambda: busy)
    with admission.admit():
        busy = True
        problem = refusal(admission)
        assert (problem.status, problem.code) == (503, "server_busy")
        assert problem.response_headers()["Retry-After"] == "5"
        assert admission.active == 1
        with admission.admit(promised=True):
            assert admission.active == 2, "who is on the line already, over another process, is not put out"


async def test_a_line_that_is_kept_is_taken_for_everybody_but_its_call_and_who_is_on_the_line() -> None:
    admission = Admission(2)
    admission.keep("call_1")
    with admission.admit():
        assert refusal(admission).code == "session_limit_reached"
        with pytest.raises(Problem):
            admission.keep("call_2")
        with admission.admit(promised=True):
            admission.let_go("call_1")
            assert (admission.active, admission.kept) == (2, 0)
    with admission.admit():
        admission.check()


async def test_lines_are_kept_for_calls_of_other_processes_until_they_are_over() -> None:
    admission = Admission(3)
    admission.keep("own")
    admission.expect(["other"])
    assert admission.kept == 2, "what is not written down yet stays"
    admission.expect(["own", "other"])
    admission.let_go("own")
    admission.expect(["own", "other"])
    assert admission.kept == 1, "it has its place, though the table does not say so yet"
    admission.expect([])
    admission.expect([])
    assert admission.kept == 0


async def test_a_process_that_holds_nobody_takes_one_however_busy_it_is() -> None:
    admission = Admission(5, busy=lambda: True)
    with admission.admit():
        assert refusal(admission).code == "server_busy"
