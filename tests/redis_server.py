"""A real Redis for the tests that want one: started on a socket of its own, nothing kept, ended with the session."""

import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

WAIT_S = 10.0


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The Unix socket of a Redis or Valkey server."""
    program = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.fail("These tests need redis-server or valkey-server; `make test` installs it where it can.")
    home = tmp_path_factory.mktemp("redis")
    socket = home / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(home)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(socket)
        yield socket
    finally:
        process.terminate()
        process.wait(WAIT_S)


@pytest.fixture
async def redis(redis_socket: Path) -> AsyncIterator[Redis]:
    """A client of the server, which is empty."""
    client: Redis = Redis(unix_socket_path=str(redis_socket))
    await client.flushall()
    yield client
    await client.aclose()


def _wait_for(socket: Path) -> None:
    deadline_s = time.monotonic() + WAIT_S
    with BlockingRedis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
                return
            except RedisError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.02)
