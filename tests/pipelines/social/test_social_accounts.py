"""Accounts by values: what an address is, and which of a page's links are the company's own."""

import time

import pytest

from pipelines.social.accounts import find_accounts
from pipelines.social.networks import account_of, company_of, site_of

OURS = {
    "https://www.linkedin.com/company/acme-inc/about/": ("linkedin", "acme-inc"),
    "https://de.linkedin.com/company/acme": ("linkedin", "acme"),
    "https://twitter.com/acme?lang=en": ("x", "acme"),
    "https://x.com/@acme": ("x", "acme"),
    "https://www.facebook.com/acme.bakery/": ("facebook", "acme.bakery"),
    "https://facebook.com/pages/Acme/12345": ("facebook", "Acme"),
    "http://instagram.com/acme_hq": ("instagram", "acme_hq"),
    "https://www.youtube.com/@acme/videos": ("youtube", "@acme"),
    "https://www.youtube.com/channel/UC6nSFpj9HTCZ5t-N3Rm3-HA": ("youtube", "UC6nSFpj9HTCZ5t-N3Rm3-HA"),
    "https://www.youtube.com/user/acme": ("youtube", "acme"),
    "https://www.tiktok.com/@acme": ("tiktok", "@acme"),
    "https://www.threads.net/@acme": ("threads", "@acme"),
    "https://github.com/acme": ("github", "acme"),
    "https://github.com/acme/widgets/issues": ("github", "acme"),
    "https://bsky.app/profile/acme.example": ("bluesky", "acme.example"),
    "https://fosstodon.org/@acme": ("mastodon", "@acme@fosstodon.org"),
    "https://www.reddit.com/r/acme/": ("reddit", "r/acme"),
    "https://old.reddit.com/u/acme": ("reddit", "u/acme"),
}
NOBODYS = """https://twitter.com/intent/tweet?url=x https://x.com/share?text=x https://x.com/acme/status/1
https://x.com/search?q=acme https://x.com/i/flow/login https://www.facebook.com/sharer/sharer.php?u=x
https://www.facebook.com/sharer.php?u=x https://www.facebook.com/dialog/feed https://www.facebook.com/tr?id=1
https://www.facebook.com/acme/posts/1 https://www.facebook.com/groups/12 https://www.facebook.com/profile.php?id=1
https://www.linkedin.com/in/ann-lee https://www.linkedin.com/shareArticle?url=x https://www.linkedin.com/feed/
https://www.instagram.com/p/abc/ https://www.instagram.com/acme/reel/x https://www.youtube.com/watch?v=1
https://www.youtube.com/embed/1 https://youtu.be/1 https://www.tiktok.com/@acme/video/1 https://github.com/features
https://gist.github.com/acme/1 https://github.com/login https://bsky.app/profile/acme.example/post/1
https://bsky.app/intent/compose?text=x https://www.threads.net/@acme/post/1 https://www.reddit.com/submit?url=x
https://www.reddit.com/r/acme/comments/1/x https://example.com/@acme https://notx.com/acme https://x.com.evil.test/acme
mailto:a@b.c javascript:alert(1) https://[broken https://x.com/averyveryverylongname""".split()


@pytest.mark.parametrize("url", OURS)
def test_addresses_of_accounts(url: str) -> None:
    account = account_of(url)
    assert account is not None
    assert (account.network, account.handle) == OURS[url]
    assert account_of(account.url) == account, "the address it is kept under is one of its own"


@pytest.mark.parametrize("url", NOBODYS)
def test_addresses_that_are_nobodys_account(url: str) -> None:
    assert account_of(url) is None


def test_elsewhere_mastodon_is_only_what_the_page_says_is_its_own() -> None:
    account = account_of("https://social.acme.example/@news", is_own_profile=True)
    assert account is not None
    assert (account.network, account.handle) == ("mastodon", "@news@social.acme.example")


PAGE = """<html><head>
<link rel="alternate" type="application/rss+xml" title="Acme &raquo; Comments Feed" href="/comments/feed/">
<link rel="alternate" type="application/atom+xml" title="News" href="/news/atom.xml">
<link rel="alternate" hreflang="de" href="/de/">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
 {"@type": "Organization", "name": "Acme", "sameAs": ["https://www.linkedin.com/company/acme-industries"]},
 {"@type": "Person", "sameAs": ["https://www.threads.net/@ann"]}]}</script></head><body>
<header><a href="https://www.linkedin.com/company/partner">Our partner</a></header>
<article><p>As <a href="https://x.com/somebody">somebody</a> said</p>
<blockquote class="twitter-tweet"><a href="https://twitter.com/other">Other</a></blockquote>
<blockquote class="instagram-media"><a href="https://www.instagram.com/other/">Other</a></blockquote></article>
<div class="share-buttons"><a href="https://www.facebook.com/somepage">f</a></div>
<a rel="me" href="https://social.acme.example/@news">Mastodon</a>
<footer><ul><li><a href="https://x.com/acmehq">X</a><li><a href="//bsky.app/profile/acme.example">Bluesky</a></ul>
<a href="https://github.com/acme/widgets">Code</a><a href="/feed">RSS</a></footer></body></html>"""


def test_a_page_names_its_own_accounts_among_those_of_others() -> None:
    found = {account.network: account.handle for account in find_accounts(PAGE, "https://www.acme.example/")}
    assert found == {
        "linkedin": "acme-industries",
        "mastodon": "@news@social.acme.example",
        "x": "acmehq",
        "bluesky": "acme.example",
        "github": "acme",
        "feed": "acme.example",
    }
    feeds = [account.url for account in find_accounts(PAGE, "https://www.acme.example/") if account.network == "feed"]
    assert feeds == ["https://www.acme.example/news/atom.xml"]


def test_a_plain_page_without_any_structure_is_understood() -> None:
    html = '<p><a href="https://www.instagram.com/bakery.oslo">Photos</a> <a href="/blog/feed/">RSS</a>'
    assert [(one.network, one.handle) for one in find_accounts(html, "https://nordic.example")] == [
        ("instagram", "bakery.oslo"),
        ("feed", "nordic.example"),
    ]
    assert find_accounts("", "https://nordic.example") == []


def test_a_page_without_end_takes_no_time_without_end() -> None:
    began = time.perf_counter()
    for piece in ("<a ", "<div>", '<a href="https://x.com/a">', "<!--", "<![CDATA[", "&", "\x00"):
        find_accounts(piece * (1_000_000 // len(piece)), "https://acme.example/")
    assert time.perf_counter() - began < 10


def test_what_the_parser_fails_on_costs_what_comes_after_it() -> None:
    found = find_accounts('<a href="https://x.com/acme">X</a><![<![x', "https://acme.example/")
    assert [account.network for account in found] == ["x"]


def test_a_company_is_known_by_its_host() -> None:
    assert site_of("https://WWW.Acme.example/about?x=1") == site_of("acme.example") == "acme.example"
    assert company_of("https://WWW.Acme.example/?x=1") == company_of("acme.example") == "acme.example"
    assert company_of("https://sites.google.com/view/Acme/?x=1") == "sites.google.com/view/Acme"
    assert site_of("no site") is None
    assert site_of("https://") is None
    assert site_of("http://[::1") is None
