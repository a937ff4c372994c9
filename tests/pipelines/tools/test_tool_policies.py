"""What each tool may do: one that changes something waits for the confirmed turn, and one that brings what others wrote
says so. A tool that forgets either is called on a guess, or on a stranger's word."""

from typing import Any, cast
from zoneinfo import ZoneInfo

from pipelines.tools.booking import booking_tools
from pipelines.tools.company_posts import read_company_posts
from pipelines.tools.crm_search import search_crm
from pipelines.tools.erasure import request_erasure
from pipelines.tools.outcomes import conversation_tools
from pipelines.tools.people import enrich_with_apollo, scrape_linkedin
from pipelines.tools.qualification import qualify_lead
from pipelines.tools.speech import generate_voice
from pipelines.tools.tech_stack.tool import analyze_tech_stack
from pipelines.tools.web_search.tool import search_web

NONE = cast("Any", None)
TOOLS = (
    *booking_tools(NONE, ZoneInfo("UTC")).values(),
    *conversation_tools(NONE, NONE).values(),
    request_erasure(NONE),
    read_company_posts(NONE),
    search_crm(NONE, NONE),
    enrich_with_apollo(NONE, NONE),
    scrape_linkedin(NONE, NONE),
    qualify_lead(NONE, NONE),
    analyze_tech_stack(),
    search_web(NONE),
    generate_voice((), NONE),
)


def test_what_changes_something_waits_for_the_confirmed_turn() -> None:
    assert {tool.spec.name for tool in TOOLS if tool.policy.has_effect} == {
        "book_meeting",
        "cancel_meeting",
        "handoff_to_person",
        "opt_out",
        "request_erasure",
        "update_lead",
    }


def test_what_brings_the_words_of_others_says_so() -> None:
    assert {tool.spec.name for tool in TOOLS if tool.policy.retrieves} == {
        "analyze_tech_stack",
        "enrich_with_apollo",
        "read_company_posts",
        "scrape_linkedin",
        "search_crm",
        "search_knowledge",
        "search_web",
    }
