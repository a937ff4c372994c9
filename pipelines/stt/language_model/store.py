"""Where the built language model is kept. Built once for every content of its sources, by a process of its own."""

import asyncio
import contextlib
import hashlib
import os
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

MODEL_FILE = "model.lm.bin"
DICTIONARY_FILE = "words.dict"

_BUILD_MODULE = "pipelines.stt.language_model.build"
_DEADLINE_S = 120.0


class LanguageModelError(Exception):
    """The model could not be built."""


class ModelFiles(Struct, frozen=True):
    """What a decoder is started with."""

    model: Path
    dictionary: Path


def default_cache_directory() -> Path:
    """Per user, outside the data of any one server: every server on the machine shares the build."""
    return Path.home() / ".cache" / "sales-agent"


async def language_model(cache: Path) -> ModelFiles:
    """The built model, made now if it is missing (a few seconds, in another process). Raises LanguageModelError."""
    directory = cache / f"language-model-{_fingerprint()}"
    if not directory.exists():
        await _build(directory)
    return ModelFiles(model=directory / MODEL_FILE, dictionary=directory / DICTIONARY_FILE)


def _fingerprint() -> str:
    """Of everything the model is made of: our files, programs among them, and the engine's release."""
    digest = hashlib.sha256(version("pocketsphinx").encode())
    for source in sorted(files("pipelines.stt.language_model").iterdir(), key=lambda source: source.name):
        if source.is_file() and source.name.endswith((".py", ".txt", ".dict")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


async def _build(directory: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", _BUILD_MODULE, str(directory)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        async with asyncio.timeout(_DEADLINE_S):
            _, errors = await process.communicate()
    except TimeoutError:
        raise LanguageModelError(f"building the language model took more than {_DEADLINE_S} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise LanguageModelError(f"building the language model failed: {last}")
