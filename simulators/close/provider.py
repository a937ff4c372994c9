"""Close's doors over HTTP. The state behind them is ``store``, steered in-process or through ``/_control/close``."""

import time
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any, ClassVar

import msgspec
from aiohttp import web

from simulators.close.event_log import ALLOWED_FILTERS, at
from simulators.close.mail import Mailroom
from simulators.close.options import CloseOptions
from simulators.close.rate_limits import RateLimits, group_of
from simulators.close.search import Search
from simulators.close.store import DEAL_STATUSES, LEAD_STATUSES, CloseStore, Row, newest_first
from simulators.close.webhooks import Subscription, Webhooks
from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

NAME = "close"
PREFIX = "/close/api/v1"
_EVENTS_A_PAGE = 50
_TIMES = {f"date_{what}__{how}" for what in ("created", "updated", "won") for how in ("lt", "lte", "gt", "gte")}
_FILTERS: Mapping[str, frozenset[str]] = {
    "lead": frozenset(),
    "contact": frozenset({"lead_id"}),
    "opportunity": frozenset({"lead_id", "user_id", "status_id", "status_label", "status_type", "_order_by"} | _TIMES),
    "activity": frozenset(
        {"lead_id", "user_id", "contact_id", "_type", "_type__in", "date_created__gt", "date_created__lt"}
    ),
}
"""Close leaves out in silence what it does not know, and the list is longer than was meant; here it is refused."""

_PAGING = frozenset({"_skip", "_limit", "_fields"})
_ME = {
    "id": "user_simulated",
    "email": "sales@example.com",
    "first_name": "Sim",
    "last_name": "Ulated",
    "organizations": [{"id": "orga_simulated", "name": "Simulated Organisation"}],
}


class Close:
    """The provider. ``clock`` is seconds since the epoch. ``keys`` are the API keys accepted now."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation, clock: Callable[[], float] = time.time) -> None:
        seed = simulation.config.seed
        self.me = _ME
        self.store = CloseStore(seed=seed, clock=clock, options=CloseOptions())
        self.webhooks = Webhooks(lambda: self.store.options, clock, Random(f"{seed}/close-webhooks"))
        self.store.log.published = self.webhooks.publish
        self.mail = Mailroom(self.store)
        self.keys = {simulation.key(NAME)}
        self._key = simulation.key(NAME)
        self._search = Search(self.store)
        self._limits = RateLimits(lambda: self.store.options, clock)
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"CLOSE_API_KEY": self._key, "CLOSE_API_BASE": f"{urls.http}{PREFIX}"}

    def routes(self) -> Iterable[web.RouteDef]:
        yield from self._table("lead", self.store.leads, "leads")
        yield from self._table("contact", self.store.contacts, "contacts")
        yield from self._table("opportunity", self.store.opportunities, "opportunities")
        yield from self._activity_routes()
        yield self._route("GET", "/me/", lambda request, body: Answer(self.me))
        yield self._route("POST", "/lead/merge/", self._merge)
        yield self._route("GET", "/status/lead/", lambda request, body: Answer({"data": LEAD_STATUSES}))
        yield self._route("GET", "/status/opportunity/", lambda request, body: Answer({"data": DEAL_STATUSES}))
        yield self._route("GET", "/custom_field/{owner}/", self._custom_fields)
        yield self._route("POST", "/custom_field/{owner}/", self._new_custom_field)
        yield self._route("POST", "/data/search/", lambda request, body: Answer(self._search.page(body)))
        yield self._route("GET", "/event/", self._events)
        yield self._route("GET", "/webhook/", self._subscriptions)
        yield self._route("POST", "/webhook/", self._subscribe)
        yield self._route("PUT", "/webhook/{id}/", self._change_subscription)
        yield self._route("DELETE", "/webhook/{id}/", self._unsubscribe)
        yield web.get("/_control/close", self._dump)
        yield web.post("/_control/close", self._set_options)

    def _route(self, method: str, path: str, work: Callable[[web.Request, Any], Answer]) -> web.RouteDef:
        return web.route(method, PREFIX + path, self._door.handler(work))

    def _table(self, resource: str, table: dict[str, Row], plural: str) -> Iterable[web.RouteDef]:
        """List, create, read, update and delete, by the store's methods of the same names."""
        store = self.store
        create, update = getattr(store, f"create_{resource}"), getattr(store, f"update_{resource}")
        remove = getattr(store, f"delete_{resource}")
        show: Callable[[Row], Row] = store.shown_lead if resource == "lead" else dict

        def one(request: web.Request, body: Any) -> Answer:
            return Answer(show(store.found(table, request.match_info["id"])))

        def gone(request: web.Request, body: Any) -> Answer:
            remove(request.match_info["id"])
            return Answer({})

        yield self._route("GET", f"/{resource}/", lambda request, body: self._list(request, table.values(), show))
        yield self._route("POST", f"/{resource}/", lambda request, body: Answer(create(body)))
        yield self._route("GET", f"/{resource}/{{id}}/", one)
        yield self._route("PUT", f"/{resource}/{{id}}/", lambda r, body: Answer(update(r.match_info["id"], body)))
        yield self._route("DELETE", f"/{resource}/{{id}}/", gone)

    def _activity_routes(self) -> Iterable[web.RouteDef]:
        yield self._route("GET", "/activity/", lambda r, body: self._list(r, self.store.activities.values(), dict))
        for kind in ("Call", "Note"):
            yield from self._activities(kind, f"/activity/{kind.lower()}/")
        yield from self._mail_routes()

    def _mail_routes(self) -> Iterable[web.RouteDef]:
        mail, path = self.mail, "/activity/email/"

        def gone(request: web.Request, body: Any) -> Answer:
            mail.delete(request.match_info["id"])
            return Answer({})

        def back(request: web.Request, body: Any) -> Answer:
            mail.resubscribe(request.match_info["address"])
            return Answer({})

        yield self._route("GET", path, lambda request, body: self._list(request, mail.every(), dict))
        yield self._route("POST", path, lambda request, body: Answer(mail.create(body)))
        yield self._route("GET", f"{path}{{id}}/", lambda request, body: Answer(mail.one(request.match_info["id"])))
        yield self._route("PUT", f"{path}{{id}}/", lambda r, body: Answer(mail.update(r.match_info["id"], body)))
        yield self._route("DELETE", f"{path}{{id}}/", gone)
        yield self._route("GET", "/unsubscribe/email/", lambda r, b: Answer({"data": _addresses(mail.unsubscribed)}))
        yield self._route("POST", "/unsubscribe/email/", lambda r, body: Answer(mail.unsubscribe(body), 201))
        yield self._route("DELETE", "/unsubscribe/email/{address}/", back)

    def _activities(self, kind: str, path: str) -> Iterable[web.RouteDef]:
        store = self.store

        def every(request: web.Request, body: Any) -> Answer:
            return self._list(request, [row for row in store.activities.values() if row["_type"] == kind], dict)

        def gone(request: web.Request, body: Any) -> Answer:
            store.delete_activity(kind, request.match_info["id"])
            return Answer({})

        def one(request: web.Request, body: Any) -> Answer:
            return Answer(store.activity(kind, request.match_info["id"]))

        def changed(request: web.Request, body: Any) -> Answer:
            return Answer(store.update_activity(kind, request.match_info["id"], body))

        yield self._route("GET", path, every)
        yield self._route("POST", path, lambda request, body: Answer(store.create_activity(kind, body)))
        yield self._route("GET", f"{path}{{id}}/", one)
        yield self._route("PUT", f"{path}{{id}}/", changed)
        yield self._route("DELETE", f"{path}{{id}}/", gone)

    def _guard(self, request: web.Request) -> dict[str, str]:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = b64decode(encoded, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            user, password = "", ""
        if scheme != "Basic" or user not in self.keys or password:
            raise Refused(401, "The server could not verify that you are authorized to access the URL requested.")
        self.store.begin_request()
        self.mail.settle()
        return self._limits.count(group_of(request.method, request.path.removeprefix(PREFIX)))

    def _list(self, request: web.Request, rows: Iterable[Row], show: Callable[[Row], Row]) -> Answer:
        options, query = self.store.options, request.query
        resource = request.path.removeprefix(PREFIX).split("/")[1]
        if unknown := {name for name in query if name not in _PAGING} - _FILTERS[resource]:
            raise Refused(400, {"error": f"{resource} has no filter {', '.join(sorted(unknown))}."})
        skip, limit = int(query.get("_skip", 0)), int(query.get("_limit", 100))
        if skip > options.max_skip:
            message = (
                f"The skip you set is larger than the maximum skip for this resource (max_skip = {options.max_skip})."
            )
            raise Refused(400, {"error": message})
        if limit > options.max_limit:
            raise Refused(400, {"error": f"The limit you set is larger than the maximum ({options.max_limit})."})
        found = newest_first(row for row in rows if _passes(row, query))
        if order := query.get("_order_by"):
            found.sort(key=lambda row: (row[order.lstrip("-")], row["id"]), reverse=order.startswith("-"))
        wanted = query.get("_fields", "").split(",") if query.get("_fields") else None
        shown = [show(row) for row in found[skip : skip + limit]]
        data = [{name: row[name] for name in wanted if name in row} for row in shown] if wanted else shown
        return Answer({"data": data, "has_more": skip + limit < len(found), "total_results": len(found)})

    def _merge(self, request: web.Request, body: Any) -> Answer:
        self.store.merge_leads(body.get("source", ""), body.get("destination", ""))
        return Answer({})

    def _custom_fields(self, request: web.Request, body: Any) -> Answer:
        known = self._owned(request)
        rows = [{"id": field_id, "name": name, "type": "text"} for field_id, name in known.items()]
        return Answer({"data": rows, "has_more": False})

    def _new_custom_field(self, request: web.Request, body: Any) -> Answer:
        self._owned(request)
        return Answer(self.store.create_custom_field(request.match_info["owner"], body))

    def _owned(self, request: web.Request) -> dict[str, str]:
        known = self.store.custom_fields.get(request.match_info["owner"])
        if known is None:
            raise Refused(404, {"error": "Object not found."})
        return known

    def _events(self, request: web.Request, body: Any) -> Answer:
        """Newest first. With a cursor the time filter is not looked at."""
        query, now = request.query, self.store.now()
        filters = {name: value for name, value in query.items() if not name.startswith(("_", "date_updated"))}
        if frozenset(filters) not in ALLOWED_FILTERS:
            raise Refused(400, {"error": "This combination of filters is not supported."})
        cursor = query.get("_cursor")
        since = at(query["date_updated__gte"]) if "date_updated__gte" in query and not cursor else None
        until = at(query["date_updated__lte"]) if "date_updated__lte" in query and not cursor else None
        oldest = self.store.options.retention_s
        found = [
            event
            for event in self.store.log.matching(filters, since, until, lag_s=self.store.options.event_lag_s)
            if (now - at(event["date_updated"])).total_seconds() <= oldest
            and (not cursor or _key(event) < _opened(cursor))
        ]
        size = min(_EVENTS_A_PAGE, int(query.get("_limit", _EVENTS_A_PAGE)))
        following = _sealed(found[size - 1]) if len(found) > size else None
        return Answer({"data": found[:size], "cursor_next": following, "cursor_previous": None})

    def _subscriptions(self, request: web.Request, body: Any) -> Answer:
        rows = [_without_key(subscription) for subscription in self.webhooks.subscriptions.values()]
        return Answer({"data": rows, "has_more": False})

    def _subscribe(self, request: web.Request, body: Any) -> Answer:
        """The signature key is shown here and never again."""
        made = self.webhooks.subscribe(self.store.new_id("whsub"), body)
        return Answer(_without_key(made) | {"signature_key": made.signature_key})

    def _change_subscription(self, request: web.Request, body: Any) -> Answer:
        subscription = self._subscription(request)
        for name in ("url", "events", "status"):
            setattr(subscription, name, body.get(name, getattr(subscription, name)))
        return Answer(_without_key(subscription))

    def _unsubscribe(self, request: web.Request, body: Any) -> Answer:
        del self.webhooks.subscriptions[self._subscription(request).id]
        return Answer({})

    def _subscription(self, request: web.Request) -> Subscription:
        subscription = self.webhooks.subscriptions.get(request.match_info["id"])
        if subscription is None:
            raise Refused(404, {"error": "Object not found."})
        return subscription

    async def _dump(self, request: web.Request) -> web.Response:
        """Everything the organisation holds, and its switches."""
        store = self.store
        state = {
            "leads": [store.shown_lead(lead) for lead in store.leads.values()],
            "activities": list(store.activities.values()),
            "events": store.log.entries,
            "delivered": self.webhooks.delivered,
            "options": store.options,
        }
        return web.Response(body=msgspec.json.encode(state), content_type="application/json")

    async def _set_options(self, request: web.Request) -> web.Response:
        """Replaces the switches that are given; see ``options``."""
        try:
            wanted = msgspec.json.decode(await request.read(), type=dict[str, Any])
            now = msgspec.to_builtins(self.store.options)
            self.store.options = msgspec.convert(now | wanted, CloseOptions)
        except msgspec.DecodeError as error:
            return web.json_response({"error": {"code": "invalid_configuration", "message": str(error)}}, status=400)
        return web.Response(body=msgspec.json.encode(self.store.options), content_type="application/json")


def _addresses(unsubscribed: Iterable[str]) -> list[Row]:
    return [{"email": address} for address in unsubscribed]


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        wait_s = 1.0 if fault.retry_after_s is None else fault.retry_after_s
        headers = {"RateLimit": f"limit=100, remaining=0, reset={wait_s}", "Retry-After": str(int(-(-wait_s // 1)))}
        return Refused(429, {"error": {"message": "API call count exceeded"}}, headers)
    return Refused(fault.status or 503, {"error": "Internal error"})


def _passes(row: Row, query: Mapping[str, str]) -> bool:
    """Close's filter parameters: ``name``, ``name__in``, and the four comparisons of times."""
    for name, value in query.items():
        member, _, comparison = name.partition("__") if not name.startswith("_type__") else ("_type", "", "in")
        if name.startswith("_") and member != "_type":
            continue
        held = row.get(member)
        if comparison == "in":
            passes = held in value.split(",")
        elif comparison:
            passes = held is not None and _compares(at(held), at(value), comparison)
        else:
            passes = held == value
        if not passes:
            return False
    return True


def _compares(held: datetime, wanted: datetime, comparison: str) -> bool:
    return {"gt": held > wanted, "gte": held >= wanted, "lt": held < wanted, "lte": held <= wanted}[comparison]


def _key(event: Row) -> tuple[str, str]:
    return event["date_updated"], event["id"]


def _sealed(event: Row) -> str:
    return b64encode("|".join(_key(event)).encode()).decode()


def _opened(cursor: str) -> tuple[str, str]:
    try:
        moment, _, event_id = b64decode(cursor, validate=True).decode().partition("|")
    except (Base64Error, UnicodeDecodeError):
        raise Refused(400, {"error": "Invalid cursor."}) from None
    return moment, event_id


def _without_key(subscription: Subscription) -> Row:
    return {name: getattr(subscription, name) for name in ("id", "url", "status", "events")}
