"""A company's site, its feed and Bluesky over sockets: what is read, what is left alone, and what goes wrong."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from msgspec import structs
from simulated_providers import Simulate, simulate  # noqa: F401 - a fixture

from pipelines.social import reader
from pipelines.social.reader import SocialReader, wait_of
from pipelines.social.values import Reading
from pipelines.social.ways import Bases
from pipelines.tools.port import ToolError
from pipelines.tools.tech_stack.fetch import Bounds, Fetched
from pipelines.tools.tech_stack.guard import Guard
from pipelines.tools.web_search.port import WebResult, WebSearch, WebSearchError
from simulators.app import RunningSimulators
from simulators.faults import parse_faults


class Company:
    """``reader`` is a new one each time: nothing is remembered between two tries unless a test keeps it."""

    def __init__(self, simulators: RunningSimulators) -> None:
        self.simulators = simulators
        self.site = simulators.company_site
        self.url = f"{simulators.urls.http}/company/"
        self.now_s = 1000.0

    def reader(self, search: Callable[[], WebSearch | None] = lambda: None) -> SocialReader:
        guard = Guard(lambda address: address == "127.0.0.1", frozenset({self.simulators.port}))
        bases = Bases(bluesky=self.simulators.settings["BLUESKY_API_BASE"].replace("127.0.0.1", "localhost"))
        return SocialReader(guard=guard, bases=bases, search=search, clock=lambda: self.now_s)

    def faults(self, text: str) -> None:
        self.simulators.simulation.faults.replace(parse_faults(text))

    def asked(self, name: str = "company-site") -> int:
        return self.simulators.simulation.seen[name].counters["requests"]


@pytest.fixture
async def company(simulate: Simulate) -> Company:  # noqa: F811
    return Company(await simulate())


def states(reading: Reading) -> dict[str, str]:
    return {account.network: account.state for account in reading.accounts}


async def test_what_is_public_is_read_and_the_rest_is_named(company: Company) -> None:
    reading = await company.reader().read(company.url)
    assert states(reading) == {"website": "read", "linkedin": "login", "x": "login", "bluesky": "read", "feed": "read"}
    assert [(post.network, post.title or post.text) for post in reading.posts] == [
        ("bluesky", "We are hiring forty engineers in Oslo."),
        ("feed", "Acme opens an office in Oslo"),
        ("feed", "Widgets 2 is here"),
        ("feed", "Our summer party"),
    ]
    assert reading.posts[1].url == f"{company.url}news/0"
    assert reading.is_whole
    requests = company.simulators.simulation.seen["company-site"].requests
    assert {request["agent"] for request in requests} == {reader.HEADERS["User-Agent"]}
    assert len(requests) == 2


async def test_a_feed_that_only_the_page_of_news_names(company: Company) -> None:
    company.site.options = structs.replace(company.site.options, names_feed=False)
    reading = await company.reader().read(company.url)
    assert (states(reading)["feed"], len(reading.posts)) == ("read", 4)
    assert company.asked() == 3
    company.faults("company-site:server_error,nth=2")
    reading = await company.reader().read(company.url)
    assert "feed" not in states(reading)
    assert [post.network for post in reading.posts] == ["bluesky"]


async def test_a_site_that_does_not_want_it_is_not_read(company: Company) -> None:
    company.site.options = structs.replace(
        company.site.options, robots="User-agent: sales-agent\nDisallow: /company/news"
    )
    reading = await company.reader().read(company.url)
    assert (states(reading)["feed"], states(reading)["bluesky"]) == ("not_allowed", "read")
    company.site.options = structs.replace(company.site.options, robots="User-agent: *\nDisallow: /")
    before = company.asked()
    assert states(await company.reader().read(company.url)) == {"website": "not_allowed"}
    assert company.asked() == before
    company.site.options = structs.replace(company.site.options, robots=None)
    assert states(await company.reader().read(company.url))["feed"] == "read"


async def test_who_asks_to_be_left_alone_is(company: Company) -> None:
    company.faults("bluesky:rate_limit,retry_after_s=120,times=1")
    kept = company.reader()
    reading = await kept.read(company.url)
    assert states(reading)["bluesky"] == "busy"
    assert not reading.is_whole
    before = company.asked("bluesky")
    company.now_s += 119
    assert states(await kept.read(company.url))["bluesky"] == "busy"
    assert company.asked("bluesky") == before, "it was not asked"
    company.now_s += 2
    assert states(await kept.read(company.url))["bluesky"] == "read"


async def test_faults_cost_their_own_source_alone(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = Bounds(timeout_s=0.4, max_bytes=200_000)
    monkeypatch.setattr(reader, "FEED", bounds)
    monkeypatch.setattr(reader, "ANSWER", bounds)
    for fault, network in (
        ("company-site:stall,nth=2", "feed"),
        ("company-site:garbage,nth=2", "feed"),
        ("company-site:server_error,status=503,nth=2", "feed"),
        ("bluesky:stall", "bluesky"),
        ("bluesky:garbage", "bluesky"),
    ):
        company.faults(fault)
        reading = await company.reader().read(company.url)
        other = "bluesky" if network == "feed" else "feed"
        assert (states(reading)[network], states(reading)[other]) == ("unavailable", "read"), fault
        assert reading.posts
    company.faults("company-site:server_error")
    assert states(await company.reader().read(company.url)) == {"website": "unavailable"}


async def test_a_huge_page_and_a_huge_feed_are_cut(company: Company) -> None:
    company.site.options = structs.replace(company.site.options, padding_bytes=3_000_000)
    reading = await company.reader().read(company.url)
    assert states(reading)["feed"] == "read"
    assert len(reading.posts) == 4


async def test_no_address_of_ours_is_read() -> None:
    for website, code in (
        ("http://127.0.0.1/", "address_not_allowed"),
        ("http://169.254.169.254/latest", "address_not_allowed"),
        ("http://2130706433.1/", "address_not_allowed"),
        ("nonsense", "invalid_arguments"),
    ):
        with pytest.raises(ToolError) as refused:
            await SocialReader().read(website)
        assert refused.value.code == code


class Search:
    """Finds the company's post, and somebody else's."""

    name = "test"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def search(self, query: str, *, limit: int) -> Sequence[WebResult]:
        self.asked.append(query)
        if "linkedin" not in query:
            raise WebSearchError("search_refused", "no", retryable=False)
        ours = WebResult("Acme on LinkedIn", "https://www.linkedin.com/posts/acme_we-open-in-oslo-1", "We open in Oslo")
        theirs = WebResult("Ann", "https://www.linkedin.com/posts/ann-lee_acme-2", "I work at Acme")
        return [ours, theirs, WebResult("Acme", "https://linkedin.com.evil.test/posts/acme_1", "x")]

    async def aclose(self) -> None:
        pass


async def test_what_needs_a_login_is_searched_where_there_is_a_search(company: Company) -> None:
    search = Search()
    reading = await company.reader(lambda: search).read(company.url)
    assert (states(reading)["linkedin"], states(reading)["x"]) == ("searched", "login")
    assert search.asked == ['site:linkedin.com/posts "acme"', 'site:x.com "acme"']
    last = reading.posts[-1]
    assert (last.network, last.text, last.published_at) == ("linkedin", "We open in Oslo", None)
    assert len(reading.posts) == 5


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (200, {"retry-after": "5"}, None),
        (429, {}, 900.0),
        (429, {"retry-after": "30"}, 30.0),
        (429, {"retry-after": "0"}, 1.0),
        (429, {"retry-after": "99999999"}, 86_400.0),
        (429, {"retry-after": "Fri, 20 Nov 2026 00:02:00 GMT"}, 120.0),
        (429, {"retry-after": "soon"}, 900.0),
        (503, {"retry-after": "7"}, 7.0),
        (503, {}, None),
        (403, {"x-ratelimit-remaining": "0"}, 900.0),
        (403, {}, None),
    ],
)
def test_how_long_somebody_is_left_alone(status: int, headers: dict[str, str], wait_s: float | None) -> None:
    got = Fetched("https://a.example/", status, headers, (), b"")
    assert wait_of(got, datetime(2026, 11, 20, tzinfo=UTC)) == wait_s
