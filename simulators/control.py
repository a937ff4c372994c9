"""The control door: what tests and people use to steer the simulators while they run. No vendor has these paths."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.config import updated_script
from simulators.delays import Distribution, parse_delays
from simulators.errors import ConfigError
from simulators.faults import Fault, parse_faults
from simulators.simulation import Simulation

PREFIX = "/_control"
_T = TypeVar("_T")


class FaultChange(msgspec.Struct, forbid_unknown_fields=True):
    """``faults``: switches as text or as objects. ``add``: keep those already set."""

    faults: str | tuple[Fault, ...] = ""
    add: bool = False


class DelayChange(msgspec.Struct, forbid_unknown_fields=True):
    """``delays``: entries as text or as objects; they replace all former ones."""

    delays: str | dict[str, Distribution] = ""


class Control:
    """Routes under ``/_control``."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get(f"{PREFIX}/state", self._state),
            web.post(f"{PREFIX}/faults", self._faults),
            web.delete(f"{PREFIX}/faults", self._no_faults),
            web.post(f"{PREFIX}/delays", self._delays),
            web.post(f"{PREFIX}/script", self._script),
            web.post(f"{PREFIX}/reset", self._reset),
        )

    async def _state(self, request: web.Request) -> web.Response:
        """Counters, open connections, and with ``?requests=true`` the last requests of each provider."""
        simulation = self._simulation
        with_requests = request.query.get("requests") == "true"
        providers: dict[str, Any] = {}
        for name, seen in simulation.seen.items():
            providers[name] = {"open": seen.open, "busy": seen.busy, "counters": dict(seen.counters)}
            if with_requests:
                providers[name]["requests"] = list(seen.requests)
        return _answer(
            {
                "providers": providers,
                "faults": [{"fault": fault, "strikes": strikes} for fault, strikes in simulation.faults.armed],
                "delays": simulation.delays.current,
                "script": msgspec.structs.asdict(simulation.script) | {"recordings": len(simulation.script.recordings)},
            }
        )

    async def _faults(self, request: web.Request) -> web.Response:
        change = await _read(request, FaultChange)
        faults = parse_faults(change.faults) if isinstance(change.faults, str) else change.faults
        if change.add:
            self._simulation.faults.add(faults)
        else:
            self._simulation.faults.replace(faults)
        return _answer({"faults": [fault for fault, _ in self._simulation.faults.armed]})

    async def _no_faults(self, request: web.Request) -> web.Response:
        self._simulation.faults.replace(())
        return _answer({"faults": []})

    async def _delays(self, request: web.Request) -> web.Response:
        change = await _read(request, DelayChange)
        delays = parse_delays(change.delays) if isinstance(change.delays, str) else change.delays
        self._simulation.delays.override(delays)
        return _answer({"delays": self._simulation.delays.current})

    async def _script(self, request: web.Request) -> web.Response:
        """Replaces the script's fields that are given; see ``script.Script``."""
        fields = await _read(request, dict[str, Any])
        self._simulation.set_script(updated_script(self._simulation.script, fields))
        return _answer({"fields": sorted(fields)})

    async def _reset(self, request: web.Request) -> web.Response:
        self._simulation.forget()
        return _answer({})


async def _read(request: web.Request, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"body: {error}") from None


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


@web.middleware
async def explain_config_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A change that makes no sense is answered with 400 and says why."""
    try:
        return await handler(request)
    except ConfigError as error:
        return _answer({"error": {"code": "invalid_configuration", "message": str(error)}}, 400)
