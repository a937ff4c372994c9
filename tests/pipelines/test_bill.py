"""What a run costs, while its requests go on and after."""

import gc

from pipelines.bill import Bill, Bills


def test_a_request_counts_by_its_estimate_until_it_is_settled() -> None:
    bill = Bill()
    charge = bill.expect(0.25)
    bill.add(0.5)
    assert bill.cost_usd == 0.75
    charge.settle(1.0)
    assert bill.cost_usd == 1.5


def test_what_has_no_known_price_is_said_and_not_counted() -> None:
    bill = Bill()
    assert bill.is_known
    bill.add(0.5)
    bill.add(None)
    assert (bill.cost_usd, bill.is_known) == (0.5, False)


def test_it_tells_once_when_the_last_request_has_ended() -> None:
    bill, told = Bill(), []
    bill.when_settled(lambda: told.append("at once"))
    first, second = bill.expect(0.0), bill.expect(0.0)
    bill.when_settled(lambda: told.append(bill.cost_usd))
    first.settle(1.0)
    assert told == []
    second.settle(2.0)
    bill.add(4.0)
    assert told == [3.0]


def test_a_bill_is_found_while_its_run_or_a_request_holds_it() -> None:
    bills = Bills()
    bill = bills.open("exec_1")
    assert bills.of("exec_1") is bill
    assert bills.of("exec_2") is None
    assert bills.of(None) is None
    charge = bill.expect(0.0)
    del bill
    gc.collect()
    assert bills.of("exec_1") is not None
    del charge
    gc.collect()
    assert bills.of("exec_1") is None
