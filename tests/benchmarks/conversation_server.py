"""The server of ``bench_conversations``: the real one, with timed engines, on a core of its own.

Prints its port when it is ready. Ends when its standard input closes.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

BEGAN = time.time()

import uvloop
from timed_engines import timed_engines

from agent_server.logging import configure_logging
from agent_server.server import bind, listening
from agent_server.settings import ProcessSettings, Settings
from agent_server.startup import running_services
from pipelines.conversation.ports import Engines


async def start_engines(*_args: object) -> Engines:
    return timed_engines()


async def serve(data_dir: Path, key: str, core: int) -> None:
    configure_logging("warning", "text")
    settings = Settings(process=ProcessSettings(api_key=key, data_dir=data_dir, max_conversations=1000))
    sockets = bind("127.0.0.1", 0)
    async with running_services(settings, start_engines=start_engines) as services, listening(services, sockets):
        os.sched_setaffinity(0, {core})
        print(sockets[0].getsockname()[1], f"{time.time() - BEGAN:.3f}", flush=True)
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
