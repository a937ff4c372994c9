"""Posts by values: feeds, Bluesky, GitHub, robots.txt."""

import time
from datetime import UTC, datetime

import msgspec
import pytest

from pipelines.social.bluesky import bluesky_posts
from pipelines.social.feeds import feed_posts, plain
from pipelines.social.github import github_posts
from pipelines.social.networks import account_of
from pipelines.social.robots import parse_robots
from pipelines.social.values import Account
from pipelines.social.ways import Bases, way_to

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BLOG = Account("feed", "acme.example", "https://acme.example/news/atom.xml")
SKY = Account("bluesky", "acme.example", "https://bsky.app/profile/acme.example")
HUB = Account("github", "acme", "https://github.com/acme")

ATOM = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title>Acme opens in Oslo</title><link href="/news/oslo"/><published>2026-11-12T10:00:00Z</published>
<summary type="html">&lt;p&gt;We open on &lt;b&gt;Monday&lt;/b&gt;.&lt;script&gt;x()&lt;/script&gt;</summary>
</entry>
<entry><title>In years</title><link href="https://acme.example/news/then"/>
<published>2036-01-01T00:00:00Z</published></entry>
<entry><title>Older</title><link href="https://acme.example/news/older"/><published>2026-10-01T10:00:00Z</published></entry>
<entry><title>Nowhere</title><link href="javascript:alert(1)"/></entry></feed>"""
RSS = b"""<rss version="2.0"><channel><title>t</title><item><title>Hiring &amp; more</title>
<link>https://acme.example/jobs</link><pubDate>Tue, 17 Nov 2026 10:00:00 +0100</pubDate>
<description><![CDATA[<a href="x">Forty</a> people]]></description></item>"""


def test_an_atom_feed() -> None:
    posts = feed_posts(ATOM, BLOG, now=NOW)
    assert posts is not None
    assert [(post.title, post.url, post.published_at) for post in posts] == [
        ("Acme opens in Oslo", "https://acme.example/news/oslo", datetime(2026, 11, 12, 10, tzinfo=UTC)),
        ("Older", "https://acme.example/news/older", datetime(2026, 10, 1, 10, tzinfo=UTC)),
        ("In years", "https://acme.example/news/then", None),
    ]
    assert (posts[0].text, posts[0].author) == ("We open on Monday .", "acme.example")


def test_a_feed_that_is_cut_off() -> None:
    posts = feed_posts(RSS, BLOG, now=NOW)
    assert posts is not None
    assert [(post.title, post.text) for post in posts] == [("Hiring & more", "Forty people")]
    assert posts[0].published_at == datetime(2026, 11, 17, 9, tzinfo=UTC)


BOMB = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">%s]><rss><channel><item><title>&a8;</title><link>https://a.b/</link>' % (
    b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(9))
)
FILE = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><item><title>x&x;</title>
<link>https://a.b/</link></item></channel></rss>"""
HOSTILE = (
    BOMB,
    FILE,
    b"<" * 500_000,
    b"<a>" * 150_000,
    b"<rss><channel>" + b"&" * 500_000,
    b"",
    b"\x00\xff",
    b"{}",
    b"[]",
)


def test_hostile_feeds_give_nothing_and_take_no_time() -> None:
    began = time.perf_counter()
    for body in (*HOSTILE, ATOM[:200] + b"<entry>" * 60_000, RSS + RSS * 2_000):
        for post in feed_posts(body, BLOG, now=NOW) or ():
            assert len(post.title) <= 200
            assert "aaaa" not in post.title
            assert post.title in ("", "x", "Hiring & more", "Acme opens in Oslo"), "no file of ours"
    assert time.perf_counter() - began < 10


def view(key: str, text: str, handle: str = "acme.example", **more: object) -> dict[str, object]:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-18T08:00:00.000Z"}
    return {
        "post": {"uri": f"at://did:plc:x/app.bsky.feed.post/{key}", "author": {"handle": handle}, "record": record}
    } | more


def test_markup_written_to_do_harm_takes_no_time() -> None:
    began = time.perf_counter()
    for piece in ("<script ", "<", "<style>", "&#", "</script", "<a href='"):
        assert len(plain(piece * 100_000, 1_000)) <= 1_000
    assert plain("<p>Now <script>a < b</script>and <STYLE>x</style >then</p><script>rest", 100) == "Now and then"
    assert time.perf_counter() - began < 1


def test_a_bluesky_author_feed_without_what_others_said() -> None:
    feed = [
        view("3kaa", "We launch Widgets 2"),
        view("3kab", "Nice", handle="other.example", reason={"$type": "app.bsky.feed.defs#reasonRepost"}),
        view("3kac", "@you thanks", reply={"root": {}}),
        view("x?y", "odd"),
        view("3kad", ""),
    ]
    posts = bluesky_posts(msgspec.json.encode({"feed": feed}), SKY, now=NOW)
    assert posts is not None
    assert [(post.text, post.url, post.published_at) for post in posts] == [
        (
            "We launch Widgets 2",
            "https://bsky.app/profile/acme.example/post/3kaa",
            datetime(2026, 11, 18, 8, tzinfo=UTC),
        )
    ]
    for body in (b"", b"[]", b'{"feed": 7}', b'{"feed": [{"post": []}]}', b"[" * 100_000):
        assert bluesky_posts(body, SKY, now=NOW) is None


def test_releases_and_new_repositories_at_github() -> None:
    release = {
        "html_url": "https://github.com/acme/widgets/releases/tag/v2",
        "name": "Widgets 2",
        "tag_name": "v2",
        "body": "Faster.",
        "published_at": "2026-11-10T00:00:00Z",
    }
    events = [
        {"type": "PushEvent", "repo": {"name": "acme/widgets"}, "payload": {"release": 7}},
        {
            "type": "ReleaseEvent",
            "repo": {"name": "acme/widgets"},
            "payload": {"action": "published", "release": release},
        },
        {"type": "PublicEvent", "repo": {"name": "acme/tool"}, "payload": {}, "created_at": "2026-11-11T00:00:00Z"},
        {"type": "ReleaseEvent", "repo": {"name": "a/b"}, "payload": {"release": {"html_url": "https://evil.test/"}}},
        {"type": "ReleaseEvent", "repo": {"name": "a/b"}, "payload": {"release": []}},
    ]
    posts = github_posts(msgspec.json.encode(events), HUB, now=NOW)
    assert posts is not None
    assert [(post.title, post.text) for post in posts] == [
        ("Published acme/tool", ""),
        ("Released acme/widgets Widgets 2", "Faster."),
    ]
    assert github_posts(b'{"message": "Not Found"}', HUB, now=NOW) is None


WAYS = {
    "https://fosstodon.org/@acme": "https://fosstodon.org/@acme.rss",
    "https://www.youtube.com/user/acme": "https://www.youtube.com/feeds/videos.xml?user=acme",
    "https://www.youtube.com/@acme": None,
    "https://www.reddit.com/user/acme": "https://www.reddit.com/user/acme/submitted.rss",
    "https://www.reddit.com/r/acme": None,
    "https://github.com/acme": "https://api.github.com/orgs/acme/events?per_page=100",
    "https://www.linkedin.com/company/acme": None,
}


@pytest.mark.parametrize("url", WAYS)
def test_how_an_account_is_read(url: str) -> None:
    account = account_of(url)
    assert account is not None
    way = way_to(account, Bases())
    assert (way.url if way is not None else None) == WAYS[url]


def test_robots_txt() -> None:
    text = """
    User-agent: OtherBot
    User-agent: *
    Disallow: /private/   # ours
    Disallow: /*.xml$
    Allow: /private/news
    Disallow: /search?q=

    User-agent: nobody
    Disallow: /
    """
    robots = parse_robots(text)
    refused = ("/private/x", "/feeds/videos.xml", "/search?q=1", "/%70rivate/x")
    allowed = ("/", "", "/private/news/1", "/feeds/videos.xml?channel_id=1", "/search", "/other")
    assert not [path for path in refused if robots.allows(f"https://a.example{path}")]
    assert [path for path in allowed if robots.allows(f"https://a.example{path}")] == list(allowed)
    ours = parse_robots("User-agent: *\nDisallow: /\n\nUser-Agent: Sales-Agent/1.0\nDisallow:\n")
    assert ours.allows("https://a.example/x")
    assert parse_robots("<html>" * 1000).allows("https://a.example/")
    began = time.perf_counter()
    hostile = parse_robots("User-agent: *\n" + f"Disallow: /{'a*' * 140}b\n" * 300)
    assert hostile.allows("https://a.example/" + "a" * 480)
    assert time.perf_counter() - began < 2
