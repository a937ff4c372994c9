"""What all simulated providers of one server share, and the seam at which a provider is added."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol

from aiohttp import web
from msgspec import Struct

from simulators.audio.recordings import Library
from simulators.clock import Clock
from simulators.config import SimulatorConfig
from simulators.delays import Delays, Distribution
from simulators.faults import FaultPlan
from simulators.script import Scenario, Script

_REMEMBERED_REQUESTS = 50


class BaseUrls(Struct, frozen=True):
    """Where the server can be reached, without a trailing slash."""

    http: str
    ws: str


class Provider(Protocol):
    """One vendor: where it listens and how to point the product's server at it.

    ``delays``: default values by ``<name>.<what>``. The names before the dot are those that faults, counters and
    switches go by; a provider has at least one.
    """

    delays: ClassVar[Mapping[str, Distribution]]

    def __init__(self, simulation: "Simulation") -> None: ...

    def routes(self) -> Iterable[web.RouteDef]: ...

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        """Environment settings of the server, keys included."""


class Seen:
    """What one provider saw: counters, the connections open now, the work under way, and the last requests."""

    def __init__(self) -> None:
        self.open = 0
        self.busy = 0
        self.counters: Counter[str] = Counter()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED_REQUESTS)

    def count(self, what: str, by: int = 1) -> None:
        self.counters[what] += by

    def forget(self) -> None:
        self.counters.clear()
        self.requests.clear()


class Simulation:
    """The state of one set of simulators. Everything here may be changed while they run."""

    def __init__(self, config: SimulatorConfig, delays: Mapping[str, Distribution]) -> None:
        names = sorted({name.partition(".")[0] for name in delays})
        self.config = config
        self.clock = Clock()
        self.delays = Delays(delays, config.delays, config.seed)
        self.faults = FaultPlan(names, config.faults, config.seed)
        self.script: Script = config.script
        self.library = self._library(config.script)
        self._scenarios_used = 0
        self.seen: dict[str, Seen] = {name: Seen() for name in names}
        self._rule_uses: Counter[int] = Counter()

    def key(self, vendor: str) -> str:
        """The API key that is accepted."""
        return self.config.keys.get(vendor, f"simulated-{vendor}-key")

    def set_script(self, script: Script) -> None:
        """Say something else from now on; counting within the script starts anew. Raises ConfigError."""
        self.library = self._library(script)
        self.script = script
        self._scenarios_used = 0
        self._rule_uses.clear()

    def next_scenario(self) -> Scenario | None:
        """What the connection that opens now follows instead of its audio."""
        self._scenarios_used += 1
        scenarios = self.script.scenarios
        return scenarios[self._scenarios_used - 1] if self._scenarios_used <= len(scenarios) else None

    def _library(self, script: Script) -> Library:
        return Library(script.recordings, self.config.speech.threshold_dbfs)

    def use_rule(self, index: int) -> bool:
        """Note that the script's rule ``index`` applies. False: it was used up already."""
        limit = self.script.rules[index].times
        if limit is not None and self._rule_uses[index] >= limit:
            return False
        self._rule_uses[index] += 1
        return True

    def forget(self) -> None:
        """Set all counters and request logs to nothing, and start the script over."""
        self.set_script(self.script)
        for seen in self.seen.values():
            seen.forget()
