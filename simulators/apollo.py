"""Apollo: people and organisations by their addresses, three limits at once, and credits."""

import time
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, ClassVar

from aiohttp import web
from msgspec import Struct, field

from simulators.apollo_phones import PhoneFinder
from simulators.delays import Constant, Distribution
from simulators.faults import Fault
from simulators.rest import Answer, Refused, RestDoor
from simulators.simulation import BaseUrls, Simulation

NAME = "apollo"
PREFIX = "/apollo/api/v1"
_BULK = 10
_WINDOWS = (("minute", 60.0), ("hourly", 3600.0), ("24-hour", 86400.0))
_WORDS = {"minute": "minute", "hourly": "hour", "24-hour": "day"}
_TITLES = ("VP Sales", "Head of Growth", "Chief Executive Officer", "Account Executive", "Director of Operations")
_INDUSTRIES = ("computer software", "logistics", "retail", "financial services", "manufacturing")


class ApolloOptions(Struct, frozen=True):
    """``limits`` by window (minute, hourly, 24-hour). ``empty_headers``: the limit headers are there without values, as
    on some plans. ``closed``: paths this key may not use. ``made_up``: whether people nobody put in are invented; else
    they are not found. ``phone_delay_s`` and ``phone_copies``: how long after they were asked for telephone numbers are
    posted, and how often."""

    limits: dict[str, int] = field(default_factory=lambda: {"minute": 200, "hourly": 600, "24-hour": 2000})
    credits: int = 1_000_000
    empty_headers: bool = False
    closed: tuple[str, ...] = ()
    made_up: bool = True
    phone_delay_s: float = 2.0
    phone_copies: int = 1


class Apollo:
    """The provider. ``people`` by e-mail address and ``organizations`` by domain come before those it makes up."""

    delays: ClassVar[Mapping[str, Distribution]] = {f"{NAME}.answer_ms": Constant(0)}

    def __init__(self, simulation: Simulation, clock: Callable[[], float] = time.time) -> None:
        self.options = ApolloOptions()
        self.people: dict[str, dict[str, Any]] = {}
        self.organizations: dict[str, dict[str, Any]] = {}
        self.credits_used = 0
        self.keys = {simulation.key(NAME)}
        self._key = simulation.key(NAME)
        self._seed = simulation.config.seed
        self.phones = PhoneFinder(self._seed)
        self._clock = clock
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self._door = RestDoor(simulation, NAME, guard=self._guard, word=_in_words)

    def settings(self, urls: BaseUrls) -> Mapping[str, str]:
        return {"APOLLO_API_KEY": self._key, "APOLLO_API_BASE": f"{urls.http}{PREFIX}"}

    def routes(self) -> Iterable[web.RouteDef]:
        for method, path, work in (
            ("GET", "/auth/health", self._health),
            ("POST", "/people/match", self._match),
            ("POST", "/people/bulk_match", self._bulk_match),
            ("GET", "/organizations/enrich", self._enrich),
        ):
            yield web.route(method, PREFIX + path, self._door.handler(work))

    def _guard(self, request: web.Request) -> dict[str, str]:
        path = request.path.removeprefix(PREFIX).strip("/")
        known = request.headers.get("X-Api-Key") in self.keys
        if path == "auth/health":
            return {}
        if not known:
            raise Refused(401, {"error": "Invalid access credentials."})
        if path in self.options.closed:
            message = f"api/v1/{path} is not accessible with this api_key"
            raise Refused(403, {"error": message, "error_code": "API_INACCESSIBLE"})
        return self._count(path)

    def _count(self, path: str) -> dict[str, str]:
        """Count a request into all three windows; each opens with its first request. Raises Refused with 429."""
        now = self._clock()
        headers: dict[str, str] = {}
        for name, length_s in _WINDOWS:
            limit = self.options.limits[name]
            ends_at, used = self._windows.get((path, name), (0.0, 0))
            if now >= ends_at:
                ends_at, used = now + length_s, 0
            if used >= limit:
                raise self._refusal(path, name, limit, ends_at - now)
            self._windows[path, name] = (ends_at, used + 1)
            headers |= {f"x-rate-limit-{name}": str(limit), f"x-{name}-usage": str(used + 1)}
            headers[f"x-{name}-requests-left"] = str(limit - used - 1)
        return dict.fromkeys(headers, "") if self.options.empty_headers else headers

    def _refusal(self, path: str, window: str, limit: int, left_s: float) -> Refused:
        message = f"The maximum number of api calls allowed for api/v1/{path} is {limit} times per {_WORDS[window]}."
        headers = {f"x-rate-limit-{window}": str(limit), f"x-{window}-requests-left": "0"}
        return Refused(429, {"message": message}, headers | {"retry-after": str(int(left_s) + 1)})

    def _health(self, request: web.Request, body: Any) -> Answer:
        return Answer({"healthy": True, "is_logged_in": request.headers.get("X-Api-Key") in self.keys})

    def _match(self, request: web.Request, body: Any) -> Answer:
        self._check_phones(body)
        details = body or dict(request.query)
        if not any(details.get(name) for name in ("email", "linkedin_url", "id", "first_name", "name")):
            raise Refused(422, {"error": "Please provide something to identify the person by."})
        person = self._charged(self._person(details))
        self._find_phones(body, [person])
        return Answer({"person": person})

    def _bulk_match(self, request: web.Request, body: Any) -> Answer:
        self._check_phones(body)
        details = body.get("details")
        if not isinstance(details, list) or not 0 < len(details) <= _BULK:
            raise Refused(422, {"error": f"details must hold 1 to {_BULK} people."})
        before = self.credits_used
        matches = [self._charged(self._person(detail)) for detail in details]
        found = [match for match in matches if match]
        self._find_phones(body, found)
        counts = {
            "status": "success",
            "total_requested_enrichments": len(details),
            "unique_enriched_records": len({match["id"] for match in found}),
            "missing_records": len(matches) - len(found),
            "credits_consumed": self.credits_used - before,
        }
        return Answer(counts | {"matches": matches})

    def _enrich(self, request: web.Request, body: Any) -> Answer:
        domain = request.query.get("domain", "").strip().lower()
        if not domain:
            raise Refused(422, {"error": "domain is required."})
        found = self._organization(domain)
        return Answer({"organization": self._charged(found)} if found else {})

    def _check_phones(self, body: Any) -> None:
        if body.get("reveal_phone_number") and not body.get("webhook_url"):
            raise Refused(422, {"error": "webhook_url is required when reveal_phone_number is true."})

    def _find_phones(self, body: Any, people: Iterable[dict[str, Any] | None]) -> None:
        """Numbers come later, each for a credit."""
        if not body or not body.get("reveal_phone_number"):
            return
        some = [person for person in map(self._charged, people) if person]
        options = self.options
        self.phones.ask(body["webhook_url"], some, delay_s=options.phone_delay_s, copies=options.phone_copies)

    def _charged(self, found: dict[str, Any] | None) -> dict[str, Any] | None:
        """A match costs one credit, no match none."""
        if found is None:
            return None
        if self.credits_used >= self.options.credits:
            raise Refused(422, {"error": "You have insufficient credits.", "error_code": "INSUFFICIENT_CREDITS"})
        self.credits_used += 1
        return found

    def _person(self, details: dict[str, Any]) -> dict[str, Any] | None:
        email = str(details.get("email") or "").strip().lower()
        if email in self.people:
            return self.people[email]
        name, _, domain = email.partition("@")
        if not self.options.made_up or not domain or name.startswith("unknown"):
            return None
        chance = Random(f"{self._seed}/apollo/{email}")
        first, _, last = name.partition(".")
        slug = name.replace(".", "-")
        return {
            "id": f"{chance.getrandbits(96):024x}",
            "first_name": first.capitalize(),
            "last_name": last.capitalize() or None,
            "name": f"{first.capitalize()} {last.capitalize()}".strip(),
            "linkedin_url": f"http://www.linkedin.com/in/{slug}",
            "title": chance.choice(_TITLES),
            "email_status": "verified",
            "email": email,
            "headline": "Making things better",
            "seniority": chance.choice(("vp", "director", "c_suite", "senior")),
            "departments": ["sales"],
            "city": "Springfield",
            "state": "Oregon",
            "country": "United States",
            "employment_history": [],
            "phone_numbers": [
                {"raw_number": "+1 541-555-0100", "sanitized_number": "+15415550100", "type_cd": "work_hq"}
            ],
            "organization": self._organization(domain),
        }

    def _organization(self, domain: str) -> dict[str, Any] | None:
        if domain in self.organizations:
            return self.organizations[domain]
        if not self.options.made_up or domain.startswith("unknown"):
            return None
        chance = Random(f"{self._seed}/apollo/{domain}")
        name = domain.partition(".")[0].replace("-", " ").title()
        return {
            "id": f"{chance.getrandbits(96):024x}",
            "name": name,
            "website_url": f"http://www.{domain}",
            "primary_domain": domain,
            "linkedin_url": f"http://www.linkedin.com/company/{domain.partition('.')[0]}",
            "phone": "+1 541-555-0100",
            "industry": chance.choice(_INDUSTRIES),
            "keywords": ["sales", "automation"],
            "estimated_num_employees": chance.randrange(5, 5000),
            "annual_revenue": float(chance.randrange(1, 500) * 100_000),
            "founded_year": chance.randrange(1950, 2024),
            "technology_names": ["Salesforce", "Slack", "Amazon AWS"],
            "raw_address": "100 Main Street, Springfield, Oregon",
        }


def _in_words(fault: Fault) -> Refused:
    if fault.kind == "rate_limit":
        wait_s = 60.0 if fault.retry_after_s is None else fault.retry_after_s
        return Refused(
            429, {"message": "The maximum number of api calls is used up."}, {"retry-after": f"{wait_s:.0f}"}
        )
    return Refused(fault.status or 500, {"error": "Something went wrong."})
