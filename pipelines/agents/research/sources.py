"""What research rests on: findings of every kind of source, and which of them could not be asked, and why."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from pipelines.agents.growth.findings import Finding, finding, of_knowledge, of_lead, of_posts
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun
from pipelines.agents.tool_step import tool_outcome

LOOK_S: Final = 6.0
"""One look outside; several go side by side."""

RESULTS: Final = 4
"""Of the web, for each query."""

NotSearched = dict[str, str]

_WORDS: Final = {
    ("web", "not_configured"): "The web was not searched: BRAVE_API_KEY is not set.",
    ("crm", "not_configured"): "The CRM was not searched: none is connected.",
    ("crm", "not_connected"): "The CRM was not searched: none is connected.",
    ("website", "not_configured"): "The company's website was not looked at: that tool is switched off.",
    ("social", "not_configured"): "What the company posts was not looked at: SOCIAL_RESEARCH is off.",
    ("social", "tool_timeout"): "What the company posts was not read in time; it is there for the next research.",
    ("knowledge", "knowledge_is_example"): "Our own knowledge was left out: nothing has been taught, it is an example.",
}
_SLOW: Final = ("tool_timeout", "search_unavailable")
_SOURCES: Final = {
    "search_web": "web",
    "search_crm": "crm",
    "analyze_tech_stack": "website",
    "read_company_posts": "social",
}


def inside(parts: AgentParts, lead: dict[str, Any], queries: Sequence[str]) -> tuple[list[Finding], list[NotSearched]]:
    """The lead itself, our knowledge and documents."""
    found = of_lead(lead)
    if parts.knowledge is None or parts.knowledge.is_example:
        return found, [not_searched("knowledge", "knowledge_is_example")]
    return found + of_knowledge(parts, queries), []


async def outside(
    parts: AgentParts, run: AgentRun, lead: dict[str, Any], queries: Sequence[str], *, first: bool
) -> tuple[list[Finding], list[NotSearched]]:
    """The web, and the first time the CRM, the company's website and what it posted, side by side."""
    asked: list[tuple[str, dict[str, Any]]] = [("search_web", {"query": query, "limit": RESULTS}) for query in queries]
    if first:
        asked += _of_lead(lead)
    outcomes = await asyncio.gather(*(tool_outcome(run, parts, *one, most_s=LOOK_S) for one in asked))
    found: list[Finding] = []
    missing: dict[tuple[str, str], NotSearched] = {}
    for (name, arguments), (answer, code) in zip(asked, outcomes, strict=True):
        if answer is not None:
            found += _read(name, arguments, answer)
        else:
            missing.setdefault((name, code), not_searched(_SOURCES[name], code))
    return found, list(missing.values())


def not_searched(source: str, code: str) -> NotSearched:
    names = {
        "web": "The web",
        "crm": "The CRM",
        "website": "The company's website",
        "social": "What the company posts",
        "knowledge": "Our knowledge",
    }
    slow = f"{names[source]} did not answer in time."
    failed = f"{names[source]} could not be {'read' if source == 'social' else 'asked'}."
    words = _WORDS.get((source, code)) or (slow if code in _SLOW else failed)
    return {"source": source, "code": code, "message": words}


def _of_lead(lead: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    asked: list[tuple[str, dict[str, Any]]] = []
    if lead.get("contact_email"):
        asked.append(("search_crm", {"email": lead["contact_email"]}))
    elif len(str(lead.get("contact_name") or "").split()) > 1:
        asked.append(("search_crm", {"name": lead["contact_name"]}))
    if lead.get("company_website"):
        asked.append(("analyze_tech_stack", {"website": lead["company_website"]}))
        asked.append(("read_company_posts", {"website": lead["company_website"]}))
    return asked


def _read(name: str, arguments: dict[str, Any], answer: dict[str, Any]) -> list[Finding]:
    """Of what a tool answered, whatever its exact form."""
    if name == "analyze_tech_stack":
        entries = answer.get("technologies", ())
        names = [str(entry.get("name") if isinstance(entry, dict) else entry) for entry in entries]
        text = f"Uses {', '.join(names)}." if names else ""
        return [finding("website", "Technology in use", text, str(arguments["website"]))] if text else []
    if name == "read_company_posts":
        return of_posts(answer)
    if name == "search_crm":
        people = [entry for entry in answer.get("contacts", ()) if isinstance(entry, dict)]
        return [finding("crm", "Contact in the CRM", ", ".join(map(str, person.values()))) for person in people]
    results = [entry for entry in answer.get("results", ()) if isinstance(entry, dict)]
    return [
        finding(
            "web", str(entry.get("title", "")), str(entry.get("snippet") or entry.get("text") or ""), entry.get("url")
        )
        for entry in results
        if entry.get("snippet") or entry.get("text")
    ][:RESULTS]
