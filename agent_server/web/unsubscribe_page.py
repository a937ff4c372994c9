"""``/unsubscribe/{token}``: whoever got a message of a campaign gets no more of them.

To open the link changes nothing, since mail servers open every link to look at it; the one button on it does. A POST is
also what mail programs send for RFC 8058's one-click unsubscription.
"""

from html import escape

from aiohttp import web

from agent_server.api.endpoint import Call, Resource
from agent_server.campaigns.unsubscribing import Unsubscription
from agent_server.web.accepted_language import accepted_language
from pipelines.language.words import said

unsubscribe_page = Resource("unsubscribe", "The page that every message of a campaign links to.")

_PLATFORM = "close"
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem }}
button {{ font: inherit; padding: .6rem 1.4rem; border-radius: .6rem; border: 1px solid; cursor: pointer }}
</style>
<h1>{title}</h1>
{body}
</html>
"""
_FROM_COMPANY = "You will get no more messages from {company} like the one you come from."
_FROM_US = "You will get no more messages like the one you come from."
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}


@unsubscribe_page.get(
    "/unsubscribe/{token}",
    scope=None,
    summary="Ask whether somebody wants no more",
    produces="text/html",
    other_statuses=(404,),
)
async def ask(call: Call) -> web.Response:
    """Changes nothing."""
    asked, language = _read(call), _language(call)
    if asked is None:
        return _not_whole(language)
    services = call.services
    company = await services.campaigns.sending.company_of(asked.message_id) or services.profiles.default.facts.company
    told = said(_FROM_COMPANY if company else _FROM_US, language).format(company=escape(company or ""))
    button = f'<form method="post"><button>{said("Unsubscribe", language)}</button></form>'
    return _page(200, "No more messages?", told, language, button)


@unsubscribe_page.post(
    "/unsubscribe/{token}", scope=None, summary="Get no more messages", produces="text/html", other_statuses=(404,)
)
async def unsubscribe(call: Call) -> web.Response:
    """At once and for good, for this address, which Close is told too; again changes nothing."""
    asked, language = _read(call), _language(call)
    if asked is None:
        return _not_whole(language)
    now = call.services.utc_now()
    await call.services.campaigns.sending.unsubscribe(asked.message_id, asked.address_hash, _PLATFORM, now=now)
    told = said("No more messages like it will be sent to this address.", language)
    return _page(200, "You are unsubscribed", told, language)


def _read(call: Call) -> Unsubscription | None:
    return call.services.crm.unsubscribing.read(call.path("token"))


def _language(call: Call) -> str:
    """Its reader's, whoever wrote the message."""
    return accepted_language(call.request.headers.get("Accept-Language", ""))


def _not_whole(language: str) -> web.Response:
    told = "Open it from the message once more, or answer that you want no more."
    return _page(404, "This link is not whole", said(told, language), language)


def _page(status: int, title: str, text: str, language: str, below: str = "") -> web.Response:
    body = f"<p>{text}</p>\n{below}"
    page = _PAGE.format(language=language, title=said(title, language), body=body)
    return web.Response(status=status, text=page, content_type="text/html", headers=_HEADERS)
