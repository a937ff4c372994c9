"""What a run of an agent costs: every request that is entered in the ledger under its id, also one that failed, was cut
off, or lost a race and ends after the run did."""

from collections.abc import Callable
from weakref import WeakValueDictionary


class Charge:
    """What one request costs: an estimate until it is settled. ``cost_usd`` None: its price is not known."""

    def __init__(self, bill: "Bill", cost_usd: float | None) -> None:
        self._bill = bill
        self.cost_usd = cost_usd
        self.is_settled = False

    def settle(self, cost_usd: float | None) -> None:
        self.cost_usd = cost_usd
        self.is_settled = True
        self._bill.look()


class Bill:
    """Of one run. ``cost_usd`` is what is known of it."""

    def __init__(self) -> None:
        self._charges: list[Charge] = []
        self._on_settled: Callable[[], None] | None = None

    @property
    def cost_usd(self) -> float:
        return sum(charge.cost_usd for charge in self._charges if charge.cost_usd is not None)

    @property
    def is_known(self) -> bool:
        """Whether every request has a known price."""
        return all(charge.cost_usd is not None for charge in self._charges)

    def expect(self, cost_usd: float | None) -> Charge:
        """A request begins that will cost about so much."""
        charge = Charge(self, cost_usd)
        self._charges.append(charge)
        return charge

    def add(self, cost_usd: float | None) -> None:
        """Something was used, and costs so much."""
        self.expect(cost_usd).settle(cost_usd)

    def when_settled(self, call: Callable[[], None]) -> None:
        """``call`` once, when the requests now under way have ended; not at all where none is."""
        if not self._is_settled:
            self._on_settled = call

    def look(self) -> None:
        """A charge was settled."""
        if self._on_settled is not None and self._is_settled:
            call, self._on_settled = self._on_settled, None
            call()

    @property
    def _is_settled(self) -> bool:
        return all(charge.is_settled for charge in self._charges)


class Bills:
    """Those of the runs of a process, found by their ``execution_id``. A bill is there as long as its run, and its
    requests, hold it."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[str, Bill] = WeakValueDictionary()

    def open(self, execution_id: str) -> Bill:
        bill = self._open[execution_id] = Bill()
        return bill

    def of(self, execution_id: str | None) -> Bill | None:
        """None: no run that is billed asks."""
        return None if execution_id is None else self._open.get(execution_id)
