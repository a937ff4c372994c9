"""What a model answers: as the script says, or made up from the last user message."""

import re
from itertools import count, cycle

import msgspec
from msgspec import Struct

from simulators.chat.found import found_in
from simulators.chat.samples import sample, schema_in_words
from simulators.chat.tokens import split
from simulators.chat.turn import Turn
from simulators.script import Reply, ScriptedCall
from simulators.simulation import Simulation

_REMARKS = (
    "Thanks for telling me that.",
    "Most teams we work with start small and see the difference within two weeks.",
    "What would you like to improve first?",
    "I can also send you a short summary by email.",
    "Or we set up a call with a colleague who knows your industry well.",
)
_ECHOED_WORDS = 6
_call_numbers = count(1)


class Call(Struct, frozen=True):
    """``arguments``: JSON text."""

    id: str
    name: str
    arguments: str


class Answer(Struct, frozen=True):
    """A whole reply. ``text`` and ``reasoning`` in the pieces a model writes them."""

    text: tuple[str, ...]
    reasoning: tuple[str, ...]
    calls: tuple[Call, ...]
    finish: str
    stop_sequence: str | None = None

    @property
    def content(self) -> str:
        return "".join(self.text)

    @property
    def thoughts(self) -> str:
        return "".join(self.reasoning)

    @property
    def tokens(self) -> int:
        """Of everything written, arguments included."""
        return len(self.text) + len(self.reasoning) + sum(len(split(call.arguments)) for call in self.calls)


def answer(simulation: Simulation, turn: Turn) -> Answer:
    """Answer a request. Uses up the rules of the script that apply."""
    reply = _scripted(simulation, turn) or _made_up(simulation, turn)
    text, stop_sequence = _stopped(found_in(turn, reply.text.replace("{user}", turn.user_text)), turn.stop)
    pieces = split(text)
    calls = tuple(_call(call, turn) for call in reply.tool_calls) if turn.may_call else ()
    finish: str = reply.finish_reason or ("tool_calls" if calls else "stop")
    if turn.most_tokens is not None and len(pieces) > turn.most_tokens:
        pieces, finish, stop_sequence = pieces[: turn.most_tokens], "length", None
    return Answer(pieces, split(reply.reasoning), calls, finish, stop_sequence)


def _scripted(simulation: Simulation, turn: Turn) -> Reply | None:
    script = simulation.script
    for index, rule in enumerate(script.rules):
        if rule.provider not in (None, turn.provider):
            continue
        if rule.after_tool not in (None, turn.tool_result is not None):
            continue
        if rule.when is not None and not re.search(rule.when, turn.user_text, re.IGNORECASE):
            continue
        if rule.reads is not None and not re.search(rule.reads, turn.prompt, re.IGNORECASE):
            continue
        if simulation.use_rule(index):
            return rule.reply
    if script.replies and turn.user_turns:
        return script.replies[(turn.user_turns - 1) % len(script.replies)]
    return None


def _made_up(simulation: Simulation, turn: Turn) -> Reply:
    if turn.forced_tool is not None and turn.tool_result is None:
        return Reply(tool_calls=(ScriptedCall(turn.forced_tool),))
    if turn.schema is not None:
        schema = turn.schema or schema_in_words(turn.prompt)
        return Reply(text=msgspec.json.encode(sample(schema) if schema else {}).decode())
    if turn.tool_result is not None:
        return Reply(text=f"I looked it up: {' '.join(turn.tool_result.split()[:_ECHOED_WORDS])}. Shall we go on?")
    heard = " ".join(re.findall(r"[\w'-]+", turn.user_text)[:_ECHOED_WORDS])
    said = [f"You said {heard}." if heard else "Hello."]
    remarks = cycle(_REMARKS)
    while sum(len(sentence.split()) for sentence in said) < simulation.config.reply_words:
        said.append(next(remarks))
    return Reply(text=" ".join(said))


def _call(call: ScriptedCall, turn: Turn) -> Call:
    arguments = call.arguments
    if arguments is None:
        tool = turn.tool(call.name)
        arguments = sample(tool.schema) if tool is not None else {}
    written = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
    return Call(f"call_{next(_call_numbers):024d}", call.name, found_in(turn, written))


def _stopped(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    """Cut before the first stop sequence that occurs."""
    found = [(text.find(stop), stop) for stop in stops if stop and stop in text]
    if not found:
        return text, None
    at, stop = min(found)
    return text[:at], stop
