"""Supervision of a real process: ``echo_engine``."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from echo_engine import Reply, Request

from pipelines.engines.errors import EngineError
from pipelines.engines.helper import HelperRules
from pipelines.engines.restarts import RestartRules
from pipelines.engines.supervisor import Supervisor

QUICK = RestartRules(first_delay_s=0.05, longest_delay_s=0.2)


class Inbox:
    def __init__(self) -> None:
        self.messages: asyncio.Queue[Reply | EngineError] = asyncio.Queue()

    def receive(self, message: Reply) -> None:
        self.messages.put_nowait(message)

    def lost(self, error: EngineError) -> None:
        self.messages.put_nowait(error)

    async def next(self) -> Reply | EngineError:
        async with asyncio.timeout(10):
            return await self.messages.get()


def new_engine(*arguments: str, rules: HelperRules | None = None) -> Supervisor[Reply]:
    return Supervisor("echo_engine", Reply, arguments=arguments, rules=rules, restart_rules=QUICK)


@pytest.fixture
async def engine() -> AsyncIterator[Supervisor[Reply]]:
    supervisor = new_engine()
    await supervisor.start()
    yield supervisor
    await supervisor.aclose()


async def ask(engine: Supervisor[Reply], text: str) -> Reply | EngineError:
    inbox = Inbox()
    number = engine.subscribe(inbox)
    engine.send(Request(number, text))
    return await inbox.next()


async def test_answers_reach_the_one_who_asked(engine: Supervisor[Reply]) -> None:
    inboxes = [Inbox() for _ in range(20)]
    numbers = [engine.subscribe(inbox) for inbox in inboxes]
    for number in reversed(numbers):
        engine.send(Request(number, f"for {number}"))
    assert [await inbox.next() for inbox in inboxes] == [Reply(number, f"for {number}") for number in numbers]


async def test_messages_to_nobody_are_dropped(engine: Supervisor[Reply]) -> None:
    inbox = Inbox()
    number = engine.subscribe(inbox)
    engine.send(Request(number, "late"))
    engine.unsubscribe(number)
    assert await ask(engine, "next") == Reply(number + 1, "next")
    assert inbox.messages.empty()


async def test_large_messages_pass(engine: Supervisor[Reply]) -> None:
    text = "x" * 3_000_000
    assert await ask(engine, text) == Reply(1, text)


@pytest.mark.parametrize("way", ["die", "raise", "garbage", "nonsense", "kill"])
async def test_a_death_is_told_and_a_new_helper_works(engine: Supervisor[Reply], way: str) -> None:
    first_pid = engine.pid
    assert first_pid is not None
    bystander = Inbox()
    engine.subscribe(bystander)
    if way == "kill":
        os.kill(first_pid, signal.SIGKILL)
    else:
        error = await ask(engine, way)
        assert isinstance(error, EngineError)
        assert (error.code, error.retryable) == ("engine_lost", True)
    told = await bystander.next()
    assert isinstance(told, EngineError)
    await engine.wait_ready(10)
    assert engine.pid != first_pid
    assert isinstance(await ask(engine, "again"), Reply)
    assert not psutil.pid_exists(first_pid)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_what_a_service_manager_sends_to_all_processes_is_for_the_parent(
    engine: Supervisor[Reply], sent: signal.Signals
) -> None:
    pid = engine.pid
    assert pid is not None
    os.kill(pid, sent)
    assert await ask(engine, "hello") == Reply(1, "hello")
    assert engine.pid == pid


async def test_a_hanging_helper_is_replaced() -> None:
    engine = new_engine(rules=HelperRules(heartbeat_s=0.1, silence_s=0.5, stop_s=0.5))
    await engine.start()
    error = await ask(engine, "hang")
    assert isinstance(error, EngineError)
    await engine.wait_ready(10)
    assert isinstance(await ask(engine, "hello"), Reply)
    await engine.aclose()


async def test_a_quiet_helper_is_kept(engine: Supervisor[Reply]) -> None:
    quiet = new_engine(rules=HelperRules(heartbeat_s=0.1, silence_s=0.6))
    await quiet.start()
    pid = quiet.pid
    await asyncio.sleep(1.2)
    assert quiet.pid == pid
    assert quiet.healthy
    await quiet.aclose()


async def test_while_it_is_away_requests_fail_at_once(engine: Supervisor[Reply]) -> None:
    await ask(engine, "die")
    with pytest.raises(EngineError) as raised:
        engine.send(Request(1, "hello"))
    assert (raised.value.code, raised.value.retryable) == ("engine_unavailable", True)


async def test_a_helper_that_does_not_read_is_not_flooded() -> None:
    engine = new_engine(rules=HelperRules(max_unsent_bytes=200_000, stop_s=0.5))
    await engine.start()
    number = engine.subscribe(Inbox())
    engine.send(Request(number, "hang"))

    def flood() -> None:
        for _ in range(100):
            engine.send(Request(number, "x" * 50_000))

    with pytest.raises(EngineError) as raised:
        flood()
    assert (raised.value.code, raised.value.retryable) == ("engine_overloaded", True)
    await engine.aclose()


async def test_what_libraries_print_does_not_disturb(engine: Supervisor[Reply]) -> None:
    assert await ask(engine, "print") == Reply(1, "print")


async def test_a_failing_receiver_costs_the_others_nothing(
    engine: Supervisor[Reply], caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Inbox):
        def receive(self, message: Reply) -> None:
            raise RuntimeError("receiver")

    engine.send(Request(engine.subscribe(Failing()), "hello"))
    assert isinstance(await ask(engine, "hello"), Reply)
    assert "a receiver of echo_engine failed" in caplog.text


@pytest.mark.parametrize(
    ("argument", "words"), [("--never-ready", "was not ready in time"), ("--broken", "RuntimeError at")]
)
async def test_a_helper_that_never_gets_ready_fails_the_start(argument: str, words: str) -> None:
    engine = new_engine(argument, rules=HelperRules(ready_s=1.0, stop_s=0.5))
    with pytest.raises(EngineError, match=words) as raised:
        await engine.start()
    assert (raised.value.code, raised.value.retryable) == ("engine_start_failed", False)
    assert not engine.healthy


async def test_a_program_that_is_not_there_fails_the_start() -> None:
    engine: Supervisor[Reply] = Supervisor("no_such_engine", Reply)
    with pytest.raises(EngineError, match="no_such_engine"):
        await engine.start()


async def test_what_a_caller_said_is_not_logged(engine: Supervisor[Reply], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await ask(engine, "raise")
    await engine.wait_ready(10)
    assert "ValueError at" in caplog.text
    assert "what a caller said" not in caplog.text


async def test_secrets_stay_out_of_the_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEREBRAS_API_KEY", "secret")
    engine = new_engine()
    await engine.start()
    assert await ask(engine, "environment CEREBRAS_API_KEY") == Reply(1, "absent")
    await engine.aclose()


async def test_closing_stops_the_process_and_tells_who_waits() -> None:
    engine = new_engine(rules=HelperRules(stop_s=0.5))
    await engine.start()
    pid = engine.pid
    inbox = Inbox()
    engine.send(Request(engine.subscribe(inbox), "hang"))
    await engine.aclose()
    await engine.aclose()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert isinstance(await inbox.next(), EngineError)
    assert not engine.healthy


@pytest.mark.parametrize("busy", [False, True])
def test_the_helper_goes_when_its_parent_is_killed(busy: bool) -> None:
    program = f"""
import asyncio, sys
from echo_engine import Reply, Request
from pipelines.engines.supervisor import Supervisor
class Receiver:
    def receive(self, message): pass
    def lost(self, error): pass
async def main():
    engine = Supervisor("echo_engine", Reply)
    await engine.start()
    if {busy}:
        engine.send(Request(engine.subscribe(Receiver()), "hang"))
    print(engine.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[3])])
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as parent:
        assert parent.stdout is not None
        helper = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    helper.wait(timeout=10)
