"""Random interleavings of turns, interruptions, resumes, tool calls and socket kills, in virtual time.

The oracle knows nothing of the core's state. It watches what leaves the core, keeps the audio a client would have
played, runs the tools as an idempotent service would, and remembers what was written to storage. Whatever the order:

- no tool runs for a generation that was stopped or discarded, and none outside of a response;
- one intention of the model's has one effect, across interruptions, retries and restarts;
- the text in the history is the text whose audio the client confirms;
- what a background tool found is put before a model, however often the caller broke in;
- every turn and every response ends.

``INTERLEAVINGS`` sets how many histories are played (10,000 take a minute and a half), ``INTERLEAVING`` plays one seed.
"""

import os
from random import Random

import msgspec
import pytest
from fake_call import FakeCall, HeardItem

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import ConversationCore, Phase
from pipelines.conversation.items import Item, user_text
from pipelines.conversation.settings import ConversationSettings, OwnTool, SemanticVad, ServerVad
from pipelines.llm.port import ToolSpec
from pipelines.tools.port import OnInterruption, ToolPolicy

HISTORIES = int(os.environ.get("INTERLEAVINGS", "4000"))
FIRST_SEED = int(os.environ.get("INTERLEAVING", "1"))
BATCHES = 10
STEPS = 45
WORDS = ("mhm", "okay", "stop", "tell me about pricing", "we have about", "no", "twenty people", "")

Store = dict[str, tuple[Item, float]]
"""Items as they were last written, with their positions."""


def own_tool(name: OnInterruption) -> OwnTool:
    filler = "One moment." if name == "background" else None
    return OwnTool(ToolSpec(name), ToolPolicy(deadline_s=8.0, filler=filler, on_interruption=name, has_effect=True))


TOOLS = (own_tool("finish"), own_tool("cancel"), own_tool("background"))
SESSIONS = (
    ConversationSettings(turn_detection=SemanticVad(eagerness="high"), own_tools=TOOLS, model_rungs=2, voice_rungs=2),
    ConversationSettings(turn_detection=ServerVad(), own_tools=TOOLS, model_rungs=2, recognizer_rungs=2),
    ConversationSettings(
        turn_detection=SemanticVad(eagerness="high"), own_tools=TOOLS, recognizer_turns=True, recognizer_rungs=2
    ),
)


class Service:
    """What the tools change: once under each key. Outlives every process."""

    def __init__(self) -> None:
        self.done: dict[str, str] = {}
        """Key of each effect and the intention it carried out."""

    def carry_out(self, key: str, intention: str) -> None:
        self.done.setdefault(key, intention)

    def check(self) -> None:
        intentions = list(self.done.values())
        assert len(intentions) == len(set(intentions)), "one intention had two effects"


class WatchedCall(FakeCall):
    """One process' life of a conversation, with the oracle's notes."""

    def __init__(
        self, settings: ConversationSettings, service: Service, random: Random, life: int, store: Store
    ) -> None:
        super().__init__(settings)
        items = sorted(store.values(), key=lambda kept: kept[1])
        self.core = ConversationCore(settings, id_prefix=f"t{life}", items=items)
        self.service = service
        self.random = random
        self.store = store
        self.words_on_record: dict[str, int] = {}
        """Of each reply: how many words the voice had told when its state was last written."""
        self.runs: dict[str, act.RunTool] = {}
        self.written_by: dict[str, int] = {}
        """Which generation of a model wrote an intention, in this life."""
        self.results: dict[str, str] = {}
        """Background results that no model has been given yet, by intention."""
        self.is_resuming = False

    def write_call(self, generation: int, intention: str) -> None:
        tool = self.random.choice(TOOLS).spec.name
        self.written_by[intention] = generation
        arguments = msgspec.json.encode({"intention": intention}).decode()
        index = sum(1 for writer in self.written_by.values() if writer == generation) - 1
        self.send(facts.ModelToolCall(generation, index, f"call_{intention}", tool, arguments))

    def finish_tool(self, call_id: str, *, failed: bool) -> None:
        run = self.runs.pop(call_id)
        intention = _intention(run)
        if not failed:
            self.service.carry_out(run.idempotency_key, intention)
        self.send(facts.ToolFinished(call_id, msgspec.json.encode({"of": intention}).decode(), failed))
        if run.name == "background" and not self._was_given(intention):
            self.results[intention] = call_id

    def came_late(self, intention: str) -> None:
        self.results[intention] = ""
        self.send(facts.CameLate(TOOLS[0].spec.name, f'{{"intention":"{intention}"}}'))

    def settle_tools(self) -> None:
        for call_id in sorted(self.runs):
            if call_id in self.runs:
                self.finish_tool(call_id, failed=False)

    def kill(self) -> None:
        """The process dies: what its tools were about to do may still happen."""
        for run in self.runs.values():
            if self.random.random() < 0.5:
                self.service.carry_out(run.idempotency_key, _intention(run))

    def check_heard(self) -> None:
        self.core.heard.refresh(self.now_ms)
        for item in self.core.history:
            if item.spoken and item.id in self.ear:
                assert item.heard.split() == self.ear[item.id].heard_words(self.now_ms)

    def _see(self, action: act.Action) -> None:
        super()._see(action)
        match action:
            case act.RunTool(call_id, _, _, _):
                generation = self.written_by.get(_intention(action))
                if not self.is_resuming:
                    assert generation is not None, "a tool runs that no model of this life asked for"
                    assert generation not in self.stopped_models, "an effect of work that was stopped"
                    assert self.open_response is not None, "an effect outside of a response"
                self.runs[call_id] = action
                self.tools.discard(call_id)  # ended by ``finish_tool`` alone
            case act.CancelTool(call_id):
                run = self.runs.pop(call_id)
                if self.random.random() < 0.5:  # it was too late to stop it
                    self.service.carry_out(run.idempotency_key, _intention(run))
            case act.StartModel(_, _, request):
                given = " ".join(message.content for message in request.messages if message.role == "tool")
                for intention in [intention for intention in self.results if f'"{intention}"' in given]:
                    del self.results[intention]
            case act.Remember(item, position, progress):
                if progress and self.random.random() < 0.3:
                    return  # written behind: the newest state is what a kill may lose
                self.store[item.id] = (item, position)
                if item.id in self.ear:
                    self.words_on_record[item.id] = len(self.ear[item.id].words)
            case act.Forget(item_id):
                self.store.pop(item_id, None)

    def _was_given(self, intention: str) -> bool:
        last = next((a for a in reversed(self.told) if isinstance(a, act.StartModel)), None)
        return last is not None and any(f'"{intention}"' in message.content for message in last.request.messages)


def _intention(run: act.RunTool) -> str:
    return str(msgspec.json.decode(run.arguments)["intention"])


class History:
    """Plays one seed: a conversation over one or several lives."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.settings = self.random.choice(SESSIONS)
        self.service = Service()
        self.store: Store = {}
        self.lives = 0
        self.intentions = 0
        self.call = self._begin_life()

    def _begin_life(self) -> WatchedCall:
        self.lives += 1
        return WatchedCall(self.settings, self.service, self.random, self.lives, self.store)

    def play(self) -> None:
        steps = (
            (self.whole_turn, 8), (self.caller_speaks, 4), (self.caller_pauses, 4), (self.providers_work, 12),
            (self.model_calls_tool, 10), (self.model_ends, 6), (self.tool_ends, 5), (self.time_passes, 2),
            (self.something_breaks, 2), (self.client_acts, 2), (self.recogniser_decides, 3), (self.socket_is_killed, 1),
            (self.something_comes_late, 1),
        )  # fmt: skip
        weighted = [step for step, weight in steps for _ in range(weight)]
        for _ in range(STEPS):
            self.random.choice(weighted)()
            self.call.check_heard()
            self.service.check()
        self.end()

    def end(self) -> None:
        call = self.call
        for _ in range(4):
            call.settle_tools()
            call.settle()
            call.check_heard()
        assert call.core.phase is Phase.LISTENING, "something never ended"
        assert call.open_response is None
        assert not call.core.caller.awaited
        assert not call.results, "a result was never brought up"
        self.service.check()

    # What may happen

    def whole_turn(self) -> None:
        """Without it, random steps hardly ever reach a reply that is being heard."""
        call, text = self.call, self.random.choice(WORDS)
        for _ in range(self.random.randint(6, 14)):
            call.window(0.95)
        for utterance in sorted(call.utterances):
            call.send(facts.Heard(utterance, text))
        for _ in range(self.random.randint(6, 24)):
            call.window(0.02)
            for utterance in sorted(call.finishing):
                call.finishing.discard(utterance)
                call.send(facts.Transcribed(utterance, text))
        if self.settings.recognizer_turns and call.core.caller.turns.turn is not None:
            call.send(facts.RecognizerTurnEnded(max(call.utterances, default=0), text))

    def caller_speaks(self) -> None:
        for _ in range(self.random.randint(1, 24)):
            self.call.window(0.95)
        if self.random.random() < 0.7:
            text = self.random.choice(WORDS)
            for utterance in sorted(self.call.utterances):
                self.call.send(facts.Heard(utterance, text))

    def caller_pauses(self) -> None:
        text = self.random.choice(WORDS)
        for _ in range(self.random.randint(1, 30)):
            self.call.window(0.02)
            for utterance in sorted(self.call.finishing):
                if self.random.random() < 0.5:
                    self.call.finishing.discard(utterance)
                    self.call.send(facts.Transcribed(utterance, text))

    def recogniser_decides(self) -> None:
        for utterance in sorted(self.call.utterances)[-1:]:
            text = self.random.choice(WORDS)
            fact = self.random.choice(
                (
                    facts.RecognizerTurnStarted(utterance),
                    facts.RecognizerEagerEnd(utterance, text),
                    facts.RecognizerResumed(utterance),
                    facts.RecognizerTurnEnded(utterance, text),
                )
            )
            self.call.send(fact)

    def providers_work(self) -> None:
        call = self.call
        for generation in sorted(call.models):
            for _ in range(self.random.randint(0, 12)):
                if generation in call.models:
                    call.model_text(generation)
        for generation in sorted(call.voices):
            for _ in range(self.random.randint(0, 12)):
                call.voice_speaks(generation)
        call.advance(self.random.uniform(1.0, 500.0))

    def model_calls_tool(self) -> None:
        for generation in sorted(self.call.models)[-1:]:
            self.intentions += 1
            self.call.write_call(generation, f"i{self.intentions}")
            if self.random.random() < 0.8:
                self.call.model_finishes(generation)

    def model_ends(self) -> None:
        for generation in sorted(self.call.models):
            if self.random.random() < 0.7:
                self.call.model_finishes(generation)
        for generation in sorted(self.call.finished_voices & set(self.call.voices)):
            if self.random.random() < 0.7:
                self.call.voice_finishes(generation)

    def tool_ends(self) -> None:
        for call_id in sorted(self.call.runs):
            if self.random.random() < 0.7 and call_id in self.call.runs:
                self.call.finish_tool(call_id, failed=self.random.random() < 0.2)

    def something_comes_late(self) -> None:
        """What a tool had begun is over, long after the tool."""
        self.intentions += 1
        self.call.came_late(f"i{self.intentions}")

    def time_passes(self) -> None:
        self.call.advance(self.random.uniform(1.0, 4000.0))

    def something_breaks(self) -> None:
        call = self.call
        kind = self.random.randrange(4)
        if kind == 0 and call.models:
            generation = self.random.choice(sorted(call.models))
            call.models.discard(generation)
            call.stopped_models.add(generation)
            call.send(facts.ModelFailed(generation, "model_error", "broke"))
        elif kind == 1 and call.voices:
            generation = self.random.choice(sorted(call.voices))
            call.voices.pop(generation)
            call.send(facts.VoiceFailed(generation, "voice_error", "broke"))
        elif kind == 2:
            call.send(facts.RecognizerLost(call.core.recognizer.rung, "stt_connection_lost"))
        elif call.stopped_models:  # work that was stopped and does not know it yet
            call.model_text(self.random.choice(sorted(call.stopped_models)))

    def client_acts(self) -> None:
        if self.random.random() < 0.5:
            self.call.send(facts.ItemCreate(user_text("", "hello")))
            self.call.send(facts.ResponseCreate())
        else:
            self.call.send(facts.ResponseCancel())

    def socket_is_killed(self) -> None:
        """The process dies with the line; the client comes back and tells what it had played."""
        old = self.call
        at_ms = old.now_ms
        old.kill()
        self.call = new = self._begin_life()
        new.is_resuming = True
        new.send(facts.Tick())
        new.is_resuming = False
        for item_id, heard in old.ear.items():
            if item_id in self.store:
                self._confirm(new, item_id, heard, at_ms, old.words_on_record.get(item_id, 0))

    def _confirm(self, new: WatchedCall, item_id: str, heard: HeardItem, at_ms: float, on_record: int) -> None:
        new.send(facts.PlaybackReported(item_id, heard.heard_ms(at_ms), final=True))
        confirmed = [word for word in heard.heard_words(at_ms) if word in dict(heard.words[:on_record])]
        kept = new.core.history.get(item_id).heard.split()
        assert kept == confirmed, "after a continuation the words are not those the client played"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_interleavings(batch: int) -> None:
    for seed in range(FIRST_SEED + batch, FIRST_SEED + HISTORIES, BATCHES):
        try:
            History(seed).play()
        except Exception as error:
            raise AssertionError(f"{error}; repeat with INTERLEAVING={seed} INTERLEAVINGS=1") from error
