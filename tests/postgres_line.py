"""A line to PostgreSQL that a test can cut, stall and mend: a proxy on a Unix socket of its own."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit


class PostgresLine:
    """``async with PostgresLine(dsn, directory) as line``: connect to ``line.dsn`` in place of ``dsn``."""

    def __init__(self, dsn: str, directory: Path) -> None:
        self._parts = urlsplit(dsn)
        host = parse_qs(self._parts.query)["host"][0]
        self._target = f"{host}/.s.PGSQL.5432"
        self._path = directory / ".s.PGSQL.5432"
        self._directory = directory
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def dsn(self) -> str:
        return self._parts._replace(query=f"host={quote(str(self._directory))}").geturl()

    async def mend(self) -> None:
        """New connections are possible, and stalled ones go on."""
        self._flowing.set()
        if self._server is None:
            self._server = await asyncio.start_unix_server(self._connected, self._path)

    def stall(self) -> None:
        """Nothing gets through any more, in either direction, and nobody is told."""
        self._flowing.clear()

    def say(self, message: bytes) -> None:
        """To every client, as if it came from the server."""
        for client in self._clients:
            client.write(message)

    async def cut(self) -> None:
        """Every connection breaks and new ones are refused."""
        self._flowing.set()
        if self._server is not None:
            self._server.close()
            self._server = None
            self._path.unlink(missing_ok=True)
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        await asyncio.gather(*self._connections)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._target)
        pair = {writer, server_writer}
        self._writers |= pair
        self._clients.add(writer)
        try:
            with suppress(ConnectionError):
                await asyncio.gather(self._carry(reader, server_writer), self._carry(server_reader, writer))
        finally:
            for each in pair:
                each.close()
            self._writers -= pair
            self._clients.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
