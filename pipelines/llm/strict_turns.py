"""Messages as the strictest chat templates take them. Pure.

Models behind vLLM, Ollama and most hosts come with a template that renders their messages, and many refuse more than
OpenAI does: Qwen's a system message that is not the first, and a conversation in which no user speaks; Gemma's and
Mistral's two messages in a row of the same role. So: one system message at the beginning, then user and assistant in
turn, the user first. What else the system has to say stands, marked, in the user's words, as Anthropic has it too.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from pipelines.llm.port import Message

BEGINNING = "(The conversation begins.)"
_APART = "\n\n"


def strict_turns(messages: Iterable[Message]) -> list[Message]:
    """``messages``: each tool result directly behind its call."""
    messages = list(messages)
    leading = leading_system(messages)
    turns = [Message("system", _APART.join(message.content for message in leading))] if leading else []
    for message in map(_spoken, messages[len(leading) :]):
        if not (message.content.strip() or message.tool_calls or message.role == "tool"):
            continue
        before = turns[-1].role if turns else "system"
        if before == "system" and message.role != "user":
            turns.append(Message("user", BEGINNING))
        if message.role == before and message.role != "tool" and not turns[-1].tool_calls:
            turns[-1] = replace(message, content=_APART.join(filter(None, (turns[-1].content, message.content))))
        else:
            turns.append(message)
    return turns if turns and turns[-1].role != "system" else [*turns, Message("user", BEGINNING)]


def _spoken(message: Message) -> Message:
    if message.role != "system":
        return message
    return replace(message, role="user", content=marked(message.content))


def leading_system(messages: Iterable[Message]) -> list[Message]:
    """What lasts of the system's at the beginning: it is the same from turn to turn, and can be cached."""
    leading = []
    for message in messages:
        if message.role != "system" or not message.content or message.passing:
            break
        leading.append(message)
    return leading


def marked(text: str) -> str:
    """As a user's words, which it is not: "" stays so."""
    return f"<system>{text}</system>" if text else ""
