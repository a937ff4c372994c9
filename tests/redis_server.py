"""A real Redis for the tests that want one, and a real cluster: started by the session, nothing kept, ended with it."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError

WAIT_S = 10.0
CLUSTER_NODES = 3
SLOTS = 16_384
"""Of every cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/)."""


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


@pytest.fixture(scope="session")
def redis_cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one node of a real cluster of three, each with a third of the slots."""
    program = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.fail("These tests need redis-server or valkey-server; `make test` installs it where it can.")
    home = tmp_path_factory.mktemp("cluster")
    ports, processes = _free_ports(CLUSTER_NODES), []
    try:
        for port in ports:
            directory = home / str(port)
            directory.mkdir()
            options = ["--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""]
            options += ["--appendonly", "no", "--dir", str(directory), "--cluster-node-timeout", "5000"]
            processes.append(
                subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
        _join(ports)
        yield f"redis://127.0.0.1:{ports[0]}"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(WAIT_S)


@pytest.fixture
async def redis_cluster(redis_cluster_url: str) -> AsyncIterator[RedisCluster]:
    """A client of the cluster, which is empty."""
    client: RedisCluster = RedisCluster.from_url(redis_cluster_url)
    await client.flushall(target_nodes=RedisCluster.PRIMARIES)
    yield client
    await client.aclose()


def _free_ports(count: int) -> list[int]:
    """Each with the one 10000 above it, which the node's own bus takes."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def _join(ports: list[int]) -> None:
    deadline_s = time.monotonic() + 3 * WAIT_S
    clients: list[Any] = [BlockingRedis(port=port) for port in ports]
    share = SLOTS // len(ports) + 1
    for number, client in enumerate(clients):
        while not _answers(client):
            assert time.monotonic() < deadline_s, "a node of the cluster does not start"
            time.sleep(0.02)
        client.execute_command("CLUSTER", "ADDSLOTS", *range(number * share, min(SLOTS, (number + 1) * share)))
        client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        if number:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
    while not all(_is_whole(client, len(ports)) for client in clients):
        assert time.monotonic() < deadline_s, "the nodes do not become a cluster"
        time.sleep(0.05)
    for client in clients:
        client.close()


def _answers(client: BlockingRedis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def _is_whole(client: Any, nodes: int) -> bool:
    text = str(client.execute_command("CLUSTER INFO"))
    return "'cluster_state': 'ok'" in text and f"'cluster_known_nodes': '{nodes}'" in text
