"""The demo's CRM: a simulated Close in this process, whose state outlives it in a file."""

from pathlib import Path
from typing import Final

from simulators.close.keeping import restore, saved
from simulators.close.store import CloseStore

FILE: Final = "close.json"

CRM_PEOPLE: Final = (
    ("Golden Crust Bakery", "Irene Kato", "VP Sales", "irene@golden-crust.example.com", "+13035550136"),
    ("Summit Outdoor", "Hannah Reyes", "Director of Sales", "hannah@summit-outdoor.example.com", "+13035550103"),
    ("Blue Heron Software", "Sofia Lindberg", "Chief Revenue Officer", "sofia@blue-heron.example.com", "+442079460140"),
    ("Orchard Staffing", "Yuki Tanaka", "Head of Sales", "yuki@orchard-staffing.example.com", "+12065550148"),
    ("Juniper Travel", "Maya Torres", "Head of Support", "maya@juniper-travel.example.com", "+13055550124"),
    ("Lakeside Realty", "Marcus Webb", "Broker", "marcus@lakeside-realty.example.com", "+14145550147"),
    ("Violet Cosmetics", "Aisha Khan", "E-commerce Director", "aisha@violet-cosmetics.example.com", "+13105550150"),
    ("Ironwood Fabrication", "Renata Silva", "VP Sales", "renata@ironwood-fab.example.com", "+13135550146"),
)
"""Who is there at first: company, name, title, address, number."""

WON: Final = {"Juniper Travel": "stat_won", "Orchard Staffing": "stat_won", "Blue Heron Software": "stat_active"}
"""Deals there, by company."""

DISAGREEMENT: Final = (
    "marcus@lakeside-realty.example.com",
    "m.webb@lakeside-realty.example.com",
    "marcus.webb@lakeside-realty.example.com",
)
"""Whose address is changed on both sides: as it was, here, at the CRM."""


class CrmSide:
    def __init__(self, store: CloseStore, data_dir: Path) -> None:
        self._store = store
        self._file = data_dir / FILE

    def add_people(self) -> None:
        self._store.begin_request()
        for company, name, title, email, number in CRM_PEOPLE:
            person = {
                "name": name,
                "title": title,
                "emails": [{"email": email, "type": "office"}],
                "phones": [{"phone": number, "type": "office"}],
            }
            lead = self._store.create_lead({"name": company, "contacts": [person]})
            if company in WON:
                deal = {"lead_id": lead["id"], "contact_id": lead["contacts"][0]["id"], "status_id": WON[company]}
                self._store.create_opportunity(deal | {"value": 480_000, "value_period": "annual"})

    def change_email(self, before: str, after: str) -> None:
        self._store.begin_request()
        for contact in list(self._store.contacts.values()):
            if any(entry["email"] == before for entry in contact["emails"]):
                self._store.update_contact(contact["id"], {"emails": [{"email": after, "type": "office"}]})

    def load(self) -> None:
        """What was kept. Nothing, when nothing was."""
        if self._file.exists():
            restore(self._store, self._file.read_bytes())

    def keep(self) -> None:
        """Whole or not at all."""
        draft = self._file.with_suffix(".new")
        draft.write_bytes(saved(self._store))
        draft.replace(self._file)
