import time

from simulators.close.keeping import restore, saved
from simulators.close.options import CloseOptions
from simulators.close.store import CloseStore


def test_an_organisation_goes_on_as_it_was() -> None:
    store = CloseStore(seed=1, clock=time.time, options=CloseOptions())
    lead = store.create_lead({"name": "Acme", "contacts": [{"name": "Ann Lee"}]})
    store.create_opportunity({"lead_id": lead["id"], "value": 100})
    store.create_activity("Note", {"lead_id": lead["id"], "note": "Hello"})
    store.unsubscribed.add("ann@example.com")
    again = CloseStore(seed=2, clock=time.time, options=CloseOptions())
    restore(again, saved(store))
    assert again.shown_lead(again.leads[lead["id"]]) == store.shown_lead(store.leads[lead["id"]])
    assert (again.activities, again.unsubscribed) == (store.activities, {"ann@example.com"})
    assert again.log.entries == store.log.entries
    assert again.create_lead({"name": "Other"})["id"] not in store.leads
