"""The limit is strict, and draining lets everybody finish."""

import asyncio
from contextlib import ExitStack

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


class Busy:
    """A process that is busy until it is told otherwise; from then on it takes so many more."""

    def __init__(self) -> None:
        self.places = 0
        self.admission = Admission(5, busy=lambda: self.places <= 0, admitted=self._taken)
        self.came_in: list[str] = []

    def _taken(self) -> None:
        self.places -= 1

    async def come(self, name: str) -> None:
        await self.admission.wait_for_room()
        self.admission.admit()
        self.came_in.append(name)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Busy:
    monkeypatch.setattr("agent_server.capacity.admission.LOOK_AGAIN_S", 0.001)
    process = Busy()
    process.admission.admit()  # who is alone makes nobody wait
    return process


async def test_newcomers_wait_for_a_process_that_is_busy_for_a_moment_in_their_turn(busy: Busy) -> None:
    async with asyncio.TaskGroup() as arriving:
        for name in ("first", "second", "third"):
            arriving.create_task(busy.come(name))
        await asyncio.sleep(0.02)
        assert busy.came_in == []
        busy.places = 1
        await asyncio.sleep(0.02)
        assert busy.came_in == ["first"], "one place lets one in"
        busy.places = 1
        await asyncio.sleep(0)
        arriving.create_task(busy.come("later"))
        await asyncio.sleep(0.02)
        assert busy.came_in == ["first", "second"], "nobody who came later goes before"
        busy.places = 2
    assert busy.came_in == ["first", "second", "third", "later"]


async def test_who_waited_in_vain_is_told_that_the_process_is_busy(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_server.capacity.admission.PATIENCE_S", 0.02)
    waiting = [asyncio.create_task(busy.come(name)) for name in ("one", "two")]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(result, Problem) and result.code for result in results] == ["server_busy"] * 2
    busy.places = 1
    await busy.come("again")
    assert busy.came_in == ["again"]


async def test_nobody_waits_for_what_does_not_pass_in_a_moment(busy: Busy) -> None:
    waiting = asyncio.create_task(busy.come("waits"))
    await asyncio.sleep(0.01)
    busy.admission.drain()
    with pytest.raises(Problem, match="about to stop"):
        await asyncio.wait_for(waiting, 1.0)
    full = Admission(1, busy=lambda: True)
    full.admit()
    with pytest.raises(Problem, match="its limit"):
        await asyncio.wait_for(full.wait_for_room(), 0.1)


async def test_no_more_wait_than_may(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_server.capacity.admission.MOST_WAITING", 2)
    async with asyncio.TaskGroup() as arriving:
        for name in ("one", "two"):
            arriving.create_task(busy.come(name))
        await asyncio.sleep(0)
        with pytest.raises(Problem, match="busy"):
            await asyncio.wait_for(busy.come("one too many"), 0.1)
        busy.places = 2


async def test_who_gives_up_waiting_is_in_nobodys_way(busy: Busy) -> None:
    async with asyncio.TaskGroup() as arriving:
        gone = arriving.create_task(busy.come("gone"))
        await asyncio.sleep(0.01)
        arriving.create_task(busy.come("stays"))
        await asyncio.sleep(0.01)
        gone.cancel()
        busy.places = 1
    assert busy.came_in == ["stays"]


async def test_visitors_leave_places_to_telephones_and_to_who_has_a_key() -> None:
    admission = Admission(8)
    with ExitStack() as held:
        for number in range(6):
            held.enter_context(admission.admit(visitor=f"203.0.113.{number}"))
        with pytest.raises(Problem) as refused:
            admission.check(visitor="203.0.113.9")
        assert (refused.value.status, refused.value.code) == (503, "session_limit_reached")
        assert refused.value.response_headers()["Retry-After"] == "5"
        with admission.admit(), admission.admit(promised=True):
            assert refusal(admission).code == "session_limit_reached"
    assert admission.active == 0
    with admission.admit(visitor="203.0.113.9"):
        pass


async def test_one_address_gets_half_of_the_visitors_places() -> None:
    admission = Admission(8)
    with ExitStack() as held:
        places = [held.enter_context(admission.admit(visitor="203.0.113.1")) for _ in range(3)]
        with pytest.raises(Problem):
            admission.admit(visitor="203.0.113.1")
        with pytest.raises(Problem):
            await admission.wait_for_room(visitor="203.0.113.1")
        admission.check(visitor="203.0.113.2")
        with places[0]:
            pass
        with places[0]:  # leaving twice gives one place back
            pass
        with admission.admit(visitor="203.0.113.1"), pytest.raises(Problem):
            admission.check(visitor="203.0.113.1")
    few = Admission(4)
    with few.admit(visitor="203.0.113.1"), pytest.raises(Problem):
        few.check(visitor="203.0.113.1")


async def test_what_comes_from_this_machine_is_a_proxy_s_and_stands_for_many() -> None:
    admission = Admission(8)
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(admission.admit(visitor="127.0.0.1"))
        with pytest.raises(Problem):
            admission.check(visitor="127.0.0.1")


async def test_a_visitor_gets_the_only_place() -> None:
    with Admission(1).admit(visitor="203.0.113.1"):
        pass
