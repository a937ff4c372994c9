"""The gist of a tool's output in words."""

import json
import re
from typing import Any, Final

MAX_FACTS: Final = 5
MAX_ITEMS: Final = 3
MAX_CHARS: Final = 300
"""What one says of a result: more nobody listens to."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_HIDDEN: Final = frozenset(
    "id uuid status ok success code timestamp request_id trace_id created_at updated_at type object".split()
)
_SPEAKING: Final = ("message", "answer", "summary", "text")
"""Keys whose text is already meant for people."""

_BARE: Final = frozenset(("ok", "okay", "done", "success", "true", "null", "none", "{}", "[]"))
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def gist(output: str) -> str:
    """One or two sentences: text as it stands, JSON as "name is value". "" when there is nothing to say."""
    try:
        value = json.loads(output)
    except ValueError:
        value = output
    said = _said(value)
    return "" if said.strip(" .").lower() in _BARE else _shortened(said)


def failure_reason(output: str) -> str:
    """What a failed tool said about why; "" when it said nothing one could repeat."""
    try:
        value = json.loads(output)
    except ValueError:
        return ""
    reason = value.get("message") or value.get("error") if isinstance(value, dict) else None
    if isinstance(reason, dict):
        reason = reason.get("message")
    return _sentence(reason) if isinstance(reason, str) and len(reason) < MAX_CHARS and "_" not in reason else ""


def _said(value: Any) -> str:
    if isinstance(value, dict):
        for key in _SPEAKING:
            if isinstance(value.get(key), str) and value[key].strip():
                return _sentence(_plain(value[key]))
        shown = [entry for key, entry in value.items() if key not in _HIDDEN]
        if len(shown) == 1 and isinstance(shown[0], list | dict):
            return _said(shown[0])
        facts = _facts(value, "")
        return _sentence(", ".join(facts[:MAX_FACTS])) if facts else ""
    if isinstance(value, list):
        if not value:
            return "Nothing was found."
        if all(isinstance(entry, dict) and isinstance(entry.get("text"), str) for entry in value):
            return str(value[0]["text"])
        items = [entry for entry in (_item(entry) for entry in value[:MAX_ITEMS]) if entry]
        more = f", and {len(value) - MAX_ITEMS} more" if len(value) > MAX_ITEMS else ""
        return _sentence(f"{'; '.join(items)}{more}")
    return _sentence(_plain(value))


def _facts(value: dict[str, Any], prefix: str) -> list[str]:
    facts: list[str] = []
    for key, entry in value.items():
        if key in _HIDDEN or entry is None or entry == "":
            continue
        name = f"{prefix}{_words(key)}"
        if isinstance(entry, dict):
            facts.extend(_facts(entry, f"{name} "))
        elif isinstance(entry, list):
            listed = ", ".join(item for item in (_item(item) for item in entry[:MAX_ITEMS]) if item)
            facts.append(f"{name}: {listed}" if listed else f"no {name}")
        else:
            facts.append(f"{name} is {_plain(entry)}")
    return facts


def _item(entry: Any) -> str:
    if isinstance(entry, dict):
        for key in ("name", "title", "text", "label"):
            if isinstance(entry.get(key), str):
                return str(entry[key])
        return ", ".join(_facts(entry, "")[:MAX_ITEMS])
    return _plain(entry)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return " ".join(str(value).split())


def _words(key: str) -> str:
    return _CAMEL.sub(" ", key).replace("_", " ").replace("-", " ").lower()


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    text = text[:1].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def _shortened(text: str) -> str:
    """Whole sentences up to the length one says; at least the first, cut at a word."""
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        if kept and len(kept) + len(sentence) > MAX_CHARS:
            break
        kept = f"{kept} {sentence}".strip()
    if len(kept) > 2 * MAX_CHARS:
        kept = kept[: 2 * MAX_CHARS].rsplit(" ", 1)[0]
    return _sentence(kept)
