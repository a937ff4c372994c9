"""What the research rests on: findings with ids, from the lead itself, our knowledge, and tools that look outside."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun
from pipelines.agents.tool_step import use_tool

PASSAGES: Final = 2
RESULTS: Final = 2
"""Of our knowledge and of the web, for each query: what a model reads is kept short, and every query has its part."""

POSTS: Final = 5
"""Of what a company said in public, the newest."""

LOOK_S: Final = 0.8
"""A look outside takes no longer: the model's answer is worth more of the time."""

MAX_TEXT_CHARS: Final = 600

_NAMES: Final = {
    "company_name": "Company",
    "company_size": "Size",
    "industry": "Industry",
    "need": "Need",
    "team_size": "Team size",
    "budget": "Budget",
    "timing": "Timing",
    "contact_title": "Contact's title",
    "notes": "Notes",
}

Finding = dict[str, Any]


def finding(kind: str, title: str, text: str, url: str | None = None) -> Finding:
    return {"kind": kind, "title": title[:200], "text": " ".join(text.split())[:MAX_TEXT_CHARS], "url": url}


def of_lead(lead: dict[str, Any]) -> list[Finding]:
    facts = [finding("lead", label, str(lead[name])) for name, label in _NAMES.items() if lead.get(name)]
    return facts + [finding("lead", question, words) for question, words in lead.get("answers", {}).items()]


def of_posts(answer: dict[str, Any]) -> list[Finding]:
    """What ``read_company_posts`` found, each with where and when it was said."""
    posts = [entry for entry in answer.get("posts", ()) if isinstance(entry, dict)][:POSTS]
    return [
        finding("social", _where(entry), _joined(entry), entry.get("url"))
        for entry in posts
        if entry.get("title") or entry.get("text")
    ]


def _where(post: dict[str, Any]) -> str:
    network, day = str(post.get("network") or ""), post.get("published")
    place = "On their blog" if network == "Blog" else f"On {network}"
    return f"{place}, {day}" if day else place


def _joined(post: dict[str, Any]) -> str:
    title, text = str(post.get("title") or "").strip(), str(post.get("text") or "").strip()
    if not title or text.startswith(title):
        return text or title
    return f"{title.rstrip('.')}. {text}".strip()


def of_knowledge(parts: AgentParts, queries: Sequence[str]) -> list[Finding]:
    if parts.knowledge is None:
        return []
    found: dict[str, Finding] = {}
    for query in queries:
        for passage in parts.knowledge.search(query, PASSAGES):
            found.setdefault(passage.title, finding("knowledge", passage.title, passage.text))
    return list(found.values())


async def from_outside(
    parts: AgentParts, run: AgentRun, lead: dict[str, Any], queries: Sequence[str], *, first: bool
) -> list[Finding]:
    """What the web says and the company itself, side by side; what fails or is switched off is left out."""
    asked: list[tuple[str, dict[str, Any]]] = [("search_web", {"query": query}) for query in queries]
    if first and lead.get("company_website"):
        asked.append(("analyze_tech_stack", {"website": lead["company_website"]}))
        asked.append(("read_company_posts", {"website": lead["company_website"]}))
    known = [(name, arguments) for name, arguments in asked if name in parts.tools]
    answers = await asyncio.gather(*(use_tool(run, parts, name, arguments, most_s=LOOK_S) for name, arguments in known))
    found: list[Finding] = []
    for (name, arguments), answer in zip(known, answers, strict=True):
        if answer is not None:
            found += _read(name, arguments, answer)
    return found


def _read(name: str, arguments: dict[str, Any], answer: dict[str, Any]) -> list[Finding]:
    """Of what a tool answered, whatever its exact form."""
    if name == "analyze_tech_stack":
        names = [
            str(entry.get("name") if isinstance(entry, dict) else entry) for entry in answer.get("technologies", ())
        ]
        text = f"Uses {', '.join(names)}." if names else ""
        return [finding("website", "Technology in use", text, str(arguments["website"]))] if text else []
    if name == "read_company_posts":
        return of_posts(answer)
    results = answer.get("results", ())
    return [
        finding(
            "web", str(entry.get("title", "")), str(entry.get("snippet") or entry.get("text") or ""), entry.get("url")
        )
        for entry in results
        if isinstance(entry, dict)
    ][:RESULTS]
