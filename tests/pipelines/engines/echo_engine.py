"""A helper program for tests: answers what it is sent, and misbehaves on request."""

import os
import sys
import time

import msgspec
from msgspec import Struct

from pipelines.engines.child import ParentPipe, run_engine


class Request(Struct, array_like=True):
    id: int
    text: str


class Reply(Struct, array_like=True):
    id: int
    text: str


def answer(pipe: ParentPipe, request: Request) -> None:
    match request.text.split():
        case ["die"]:
            os._exit(3)
        case ["raise"]:
            raise ValueError("what a caller said")
        case ["hang"]:
            time.sleep(3600)
        case ["print"]:
            print("a library prints on standard output", flush=True)  # noqa: T201
        case ["garbage"]:
            os.write(pipe._outgoing, b"\xff\xff\xff\xff")
        case ["nonsense"]:
            pipe.send(b"\xc1")
        case ["environment", name]:
            pipe.send(msgspec.msgpack.encode(Reply(request.id, os.environ.get(name, "absent"))))
            return
    pipe.send(msgspec.msgpack.encode(Reply(request.id, request.text)))


def work(pipe: ParentPipe) -> None:
    if "--never-ready" in sys.argv:
        time.sleep(3600)
    if "--broken" in sys.argv:
        raise RuntimeError
    decoder = msgspec.msgpack.Decoder(Request)
    pipe.alive()
    for payload in pipe.payloads():
        if payload:
            answer(pipe, decoder.decode(payload))
        else:
            pipe.alive()


if __name__ == "__main__":
    run_engine(work)
