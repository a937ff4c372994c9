"""Whatever an operator does in whatever order: nothing is said twice, the agent is silent where a person speaks in its
place, and nobody is left without an answer."""

from typing import Any

from fake_call import FakeCall
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from test_core_properties import PROGRESS, check_heard, check_nothing_stale, play

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.core import Phase
from pipelines.conversation.items import user_text
from pipelines.conversation.settings import ConversationSettings, ReplySettings, SemanticVad, ServerVad

SESSIONS = [
    ConversationSettings(turn_detection=SemanticVad(eagerness="high"), transcribe=True),
    ConversationSettings(turn_detection=ServerVad(interrupt_response=False), voice_rungs=2),
    ConversationSettings(turn_detection=ServerVad(idle_timeout_ms=4000)),
    ConversationSettings(turn_detection=None, reply=ReplySettings(modality="text")),
]

OPERATOR = st.one_of(
    st.tuples(st.just("take"), st.integers(0, 1)),
    st.tuples(st.just("hold"), st.integers(0, 1)),
    st.tuples(st.just("release"), st.integers(0, 1)),
    st.tuples(st.just("operator_says"), st.integers(0, 5)),
    st.tuples(st.just("whisper"), st.just(0)),
)
TURNS = st.one_of(
    st.tuples(st.just("voice"), st.integers(1, 24)),
    st.tuples(st.just("silence"), st.integers(1, 40)),
    st.tuples(st.just("final"), st.integers(0, 6)),
    st.tuples(st.just("say"), st.integers(0, 6)),
    st.tuples(st.just("typed"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 15_000)),
)
STEPS = st.lists(st.one_of(PROGRESS, OPERATOR, OPERATOR, TURNS), min_size=10, max_size=45)


class WatchedCall(FakeCall):
    """Sees to it that whoever is owed an answer gets one, from the agent or the person."""

    def __init__(self, session: ConversationSettings) -> None:
        super().__init__(session)
        self._owed_since = 0

    def send(self, fact: facts.Fact) -> list[act.Action]:
        before, told = self.core.next_reply.left, len(self.told)
        actions = super().send(fact)
        now = self.core.next_reply.left
        if now is before:
            return actions
        if before is not None and now is None:
            assert any(isinstance(action, act.ResponseCreated) for action in self.told[self._owed_since :])
        if now is not None:
            self._owed_since = told
        return actions


class Supervised:
    """A call, and what an operator asked of it that was not refused."""

    def __init__(self, session: ConversationSettings) -> None:
        self.call = WatchedCall(session)
        self.said: list[str] = []

    def play(self, step: tuple[str, int]) -> None:
        kind, n = step
        call = self.call
        lease = f"lease{n % 2}"
        match kind:
            case "take":
                self._ask(facts.OperatorTookOver(lease, lease, "c"))
            case "hold":
                self._ask(facts.OperatorHeld(lease, "c"))
            case "release":
                self._ask(facts.OperatorReleased(lease, "c"))
            case "operator_says":
                text = f"{call.marker()}x {call.marker()}x {call.marker()}x"
                given = (None, "lease0", "lease1")[n // 2]
                if self._ask(facts.OperatorSays(text, bool(n % 2), "c", given)):
                    self.said.append(text)
            case "whisper":
                assert self._ask(facts.OperatorWhispered("Be kind.", "c"))
            case "typed":
                while call.open_response is not None:  # as clients do
                    call.send(facts.ResponseCancel())
                call.send(facts.ItemCreate(user_text("", "hello there")))
                call.send(facts.ResponseCreate())
            case _:
                play(call, step)

    def _ask(self, fact: Any) -> bool:
        answers = [action for action in self.call.send(fact) if isinstance(action, act.OperatorAnswered)]
        assert len(answers) == 1, "everything asked for is answered, once"
        return answers[0].code is None

    def settle(self) -> None:
        self.call.advance(21_000.0)  # whoever has it is gone by then
        if (session := self.call.core.settings).turn_detection is not None:  # else a silent caller is prompted for ever
            self.call.send(facts.Configured(structs.replace(session, turn_detection=ServerVad())))
        for _ in range(3):
            self.call.settle()


def check_silence_while_taken_over(call: FakeCall) -> None:
    """Nothing of the agent's own is begun, sent or made while a person has the conversation."""
    taken = False
    own: set[str] = set()
    for action in call.told:
        match action:
            case act.OperatorChanged(name):
                taken = name is not None
            case act.OutputItemAdded(item=item) if item.said_by is None:
                own.add(item.id)
                assert not taken
            case act.StartModel():
                assert not taken
            case act.OutputAudioDelta(item_id=item_id) | act.OutputTextDelta(item_id=item_id):
                assert not (taken and item_id in own)


def check_words_of_the_operator(supervised: Supervised) -> None:
    """Each text once, whole or cut where the caller broke in, in no other words."""
    items = [item for item in supervised.call.core.history if item.said_by == "operator"]
    heard = [item for item in items if item.heard]
    for item in items:
        assert item.generated.strip() in supervised.said
        assert item.generated.startswith(item.heard)
    texts = [item.generated for item in heard]
    assert len(texts) == len(set(texts)), "said twice"


@given(st.sampled_from(SESSIONS), STEPS)
@settings(max_examples=60, deadline=None)
def test_any_order_of_what_an_operator_does_keeps_the_rules(
    session: ConversationSettings, steps: list[tuple[str, int]]
) -> None:
    supervised = Supervised(session)
    call = supervised.call
    for step in steps:
        supervised.play(step)
        check_heard(call)
    supervised.settle()
    assert call.core.operator.holder is None
    assert not call.core.operator.is_engaged, "words of an operator wait for ever"
    assert call.core.next_reply.left is None, "or an answer"
    assert call.core.active is None
    assert call.core.phase is Phase.LISTENING
    check_heard(call)
    check_nothing_stale(call)
    check_silence_while_taken_over(call)
    check_words_of_the_operator(supervised)


@given(st.sampled_from(SESSIONS), STEPS, st.sampled_from(["", "Good-bye now."]))
@settings(max_examples=20, deadline=None)
def test_an_end_comes_whatever_goes_on(
    session: ConversationSettings, steps: list[tuple[str, int]], farewell: str
) -> None:
    supervised = Supervised(session)
    call = supervised.call
    for step in steps:
        supervised.play(step)
    holder = call.core.operator.holder
    call.send(facts.OperatorEnded(farewell, "c", holder.lease if holder is not None else None))
    models = sum(isinstance(action, act.StartModel) for action in call.told)
    for step in steps[:20]:
        supervised.play(step)
    call.advance(16_000.0)
    assert call.told.count(act.HangUp()) == 1
    assert sum(isinstance(action, act.StartModel) for action in call.told) == models, "the agent says nothing more"
