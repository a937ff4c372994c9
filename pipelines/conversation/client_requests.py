"""What a client may ask of a conversation: items, responses, its audio buffer, what it played.

Every request is answered by news or by a ``Refused`` that names its ``cause``; none of them ends the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs

from pipelines.conversation import actions as act
from pipelines.conversation import facts
from pipelines.conversation.caller_turn import CallerTurn
from pipelines.conversation.history import UnknownItemError
from pipelines.conversation.items import Item

if TYPE_CHECKING:
    from pipelines.conversation.core import ConversationCore

MIN_COMMIT_MS = 100.0
"""The protocol refuses to commit less audio than this."""

ROUNDING_MS = 1.0
"""Clients compute played time from samples; a truncation this little past the audio's end is its end."""

UNRECORDED_MS = 1000.0
"""More of a reply than was on record when its line broke can have been played: that is written four times a second."""

MAX_BESIDE = 8
"""Out-of-band responses running at once."""


class ClientRequests:
    """Handlers for the client's requests, acting on the core they belong to."""

    def __init__(self, core: ConversationCore) -> None:
        self._core = core
        self._manual: CallerTurn | None = None

    def _refuse(self, code: str, message: str, *, param: str | None, cause: str | None) -> None:
        self._core.tell(act.Refused(code, message, param, cause))

    def _unknown(self, item_id: str, *, param: str, cause: str | None) -> None:
        self._refuse("unknown_item", f"No item {item_id!r} is in this conversation.", param=param, cause=cause)

    def _unknown_place(self, item_id: str, cause: str | None) -> None:
        if item_id in self._core.history:
            message = "Nothing can be put behind an item that old."
            self._refuse("invalid_value", message, param="previous_item_id", cause=cause)
        else:
            self._unknown(item_id, param="previous_item_id", cause=cause)

    # Items

    def _recall_items(self, fact: facts.ItemsRecalled, _now_ms: float) -> None:
        self._core.history.put_aside(fact.items)

    def _create_item(self, fact: facts.ItemCreate, now_ms: float) -> None:
        core = self._core
        item = fact.item if fact.item.id else structs.replace(fact.item, id=core.new_id("item"))
        if item.id in core.history:
            self._refuse("duplicate_item", f"Item {item.id!r} is here already.", param="item.id", cause=fact.cause)
            return
        if fact.previous_item_id is None:
            previous = core.history.last_id()
            core.history.append(item)
        else:
            try:
                core.history.insert_after(item, fact.previous_item_id)
            except UnknownItemError:
                self._unknown_place(fact.previous_item_id, fact.cause)
                return
            previous = core.history.previous_id(item.id)
        core.speculation.drop()  # it was begun without knowing
        if item.role == "user" and core.active is None:
            core.caller.is_owed = False  # the client asks for the reply itself
        core.tell_item(item, previous)
        if fact.recorded_ms:
            turn = CallerTurn(0.0)
            turn.item_id, turn.recorded_ms = item.id, fact.recorded_ms
            number = core.caller.turns.new_utterance()
            turn.texts[number] = ""
            core.tell(act.TranscribeRecording(number))
            core.caller.awaited.expect(turn, now_ms)

    def _retrieve_item(self, fact: facts.ItemRetrieve, now_ms: float) -> None:
        self._core.heard.refresh(now_ms)
        try:
            self._core.tell(act.ItemRetrieved(self._core.history.get(fact.item_id)))
        except UnknownItemError:
            self._unknown(fact.item_id, param="item_id", cause=fact.cause)

    def _delete_item(self, fact: facts.ItemDelete, now_ms: float) -> None:
        core = self._core
        if core.active is not None and any(message.id == fact.item_id for message in core.active.spoken):
            core.stop_active("client_cancelled", now_ms)
        try:
            core.history.delete(fact.item_id)
        except UnknownItemError:
            self._unknown(fact.item_id, param="item_id", cause=fact.cause)
            return
        core.speculation.drop()
        core.tell(act.ItemDeleted(fact.item_id))
        core.tell(act.Forget(fact.item_id))

    def _truncate_item(self, fact: facts.ItemTruncate, now_ms: float) -> None:
        core = self._core
        core.heard.refresh(now_ms)
        try:
            item = core.history.get(fact.item_id)
        except UnknownItemError:
            self._unknown(fact.item_id, param="item_id", cause=fact.cause)
            return
        problem = _truncation_problem(fact, item)
        if problem is not None:
            self._refuse("invalid_value", problem[1], param=problem[0], cause=fact.cause)
            return
        is_cut = item.status == "completed" and fact.audio_end_ms < item.audio_ms - ROUNDING_MS
        message = core.heard.recent(fact.item_id)
        if message is not None and message.playback is not None:
            if is_cut:
                message.cut_short()
            message.playback.report(fact.audio_end_ms, now_ms, final=True)
            core.heard.correct(message, now_ms)
        else:
            self._hear_of_earlier(structs.replace(item, status="incomplete") if is_cut else item, fact.audio_end_ms)
        core.tell(act.ItemTruncated(fact.item_id, fact.content_index, int(fact.audio_end_ms)))

    # Responses

    def _create_response(self, fact: facts.ResponseCreate, now_ms: float) -> None:
        self._core.next_reply.ask(fact, now_ms)

    def begin_if_allowed(self, fact: facts.ResponseCreate, asked_ms: float, now_ms: float) -> None:
        """Begin it, or refuse it, or leave it to an operator. ``asked_ms``: when the client asked."""
        core = self._core
        if fact.out_of_band:
            if len(core.beside) >= MAX_BESIDE:
                self._refuse(
                    "too_many_responses",
                    f"{MAX_BESIDE} out-of-band responses are running; wait for one to end.",
                    param=None,
                    cause=fact.cause,
                )
                return
        elif core.operator.has_floor:
            core.next_reply.leave(fact)
            return
        elif core.active is not None:
            self._refuse(
                "conversation_already_has_active_response",
                f"Response {core.active.id} is in progress; wait for its response.done or cancel it.",
                param=None,
                cause=fact.cause,
            )
            return
        self.begin_response(fact, now_ms, asked_ms=asked_ms)

    def begin_response(self, fact: facts.ResponseCreate, now_ms: float, *, asked_ms: float | None = None) -> None:
        """No other is in the way. ``asked_ms``: when the client asked, if it was before."""
        core = self._core
        items = self._input_of(fact)
        if items is None and fact.items is not None:
            return
        core.speculation.drop()
        reply = core.new_reply(fact)
        if not fact.out_of_band:
            reply.stage.speech_end_ms = now_ms if asked_ms is None else asked_ms
        core.start_reply(reply, now_ms, items)

    def _input_of(self, fact: facts.ResponseCreate) -> list[Item] | None:
        """The items a response is to answer, references looked up; None means the whole history, or a refusal."""
        if fact.items is None:
            return None
        items: list[Item] = []
        for item in fact.items:
            if item.id in fact.item_references:
                try:
                    items.append(self._core.history.get(item.id))
                except UnknownItemError:
                    self._unknown(item.id, param="response.input", cause=fact.cause)
                    return None
            else:
                items.append(item)
        return items

    def _cancel_response(self, fact: facts.ResponseCancel, now_ms: float) -> None:
        core = self._core
        wanted = fact.response_id
        if wanted is not None and (beside := core.beside.get(wanted)) is not None:
            beside.stop("client_cancelled", now_ms)
            core.beside.pop(wanted, None)
        elif core.active is not None and wanted in (None, core.active.id):
            core.stop_active("client_cancelled", now_ms)
        elif core.next_reply.asked and wanted is None:
            core.next_reply.asked.clear()
        else:
            self._refuse(
                "response_cancel_not_active", "No such response is in progress.", param="response_id", cause=fact.cause
            )

    # The audio buffer

    def _audio_began(self, fact: facts.AudioBegan, _now_ms: float) -> None:
        core = self._core
        turn = self._manual = CallerTurn(fact.at_audio_ms)
        number = core.caller.turns.new_utterance()
        turn.texts[number] = ""
        core.tell(act.BeginUtterance(number, fact.at_audio_ms))

    def buffered(self, utterance: int) -> CallerTurn | None:
        """What the buffer holds, if it is recognised as this."""
        turn = self._manual
        return turn if turn is not None and utterance in turn.texts else None

    def empty_buffer(self) -> None:
        """What it held is an item now, whoever had it committed."""
        if self._manual is not None:
            self._core.tell(act.AbandonUtterance(self._manual.utterance))
            self._manual = None

    def _commit_audio(self, fact: facts.AudioCommit, now_ms: float) -> None:
        core = self._core
        if fact.buffered_ms < MIN_COMMIT_MS:
            self._refuse(
                "input_audio_buffer_commit_empty",
                f"The buffer holds {fact.buffered_ms:.0f} ms of audio; at least {MIN_COMMIT_MS:.0f} ms are needed.",
                param=None,
                cause=fact.cause,
            )
            return
        turn, self._manual = self._manual, None
        if turn is None:
            turn = core.caller.turns.take_over()
            core.release(now_ms)  # whether it is an interruption is asked no more
        if turn is None:  # turn detection heard nothing: the client says it was something
            turn = CallerTurn(fact.total_ms - fact.buffered_ms)
            number = core.caller.turns.new_utterance()
            turn.texts[number] = ""
            core.tell(act.BeginUtterance(number, turn.start_ms))
        turn.speech_end_ms = fact.total_ms
        turn.speech_end_at_ms = now_ms
        turn.voiced_ms = max(turn.voiced_ms, fact.buffered_ms)
        if not turn.is_settled:
            core.tell(act.FinishUtterance(turn.utterance))
        turn.item_id = turn.item_id or core.new_id("item")
        core.caller.end_turn(turn, now_ms, respond=False)

    def _clear_audio(self, _fact: facts.AudioClear, now_ms: float) -> None:
        self.empty_buffer()
        self._core.caller.drop_turn(now_ms)
        self._core.tell(act.AudioCleared())

    # What was played

    def _report_playback(self, fact: facts.PlaybackReported, now_ms: float) -> None:
        message = self._core.heard.recent(fact.item_id)
        if message is not None and message.playback is not None:
            message.playback.report(fact.audio_ms, now_ms, final=fact.final)
            self._core.heard.correct(message, now_ms)
        elif fact.final and fact.item_id in self._core.history:
            item = self._core.history.get(fact.item_id)
            if item.role == "assistant" and item.spoken:
                self._hear_of_earlier(item, min(fact.audio_ms, item.audio_ms + UNRECORDED_MS))

    def _hear_of_earlier(self, item: Item, audio_ms: float) -> None:
        """A reply of an earlier connection, or one long past, was played up to there."""
        heard = item.words_until(audio_ms)
        if (heard, audio_ms) != (item.heard, item.heard_ms):
            self._core.remember(structs.replace(item, heard=heard, heard_ms=audio_ms))

    HANDLERS: ClassVar[Mapping[type[facts.Fact], Callable[..., None]]] = {
        facts.ItemsRecalled: _recall_items,
        facts.ItemCreate: _create_item,
        facts.ItemRetrieve: _retrieve_item,
        facts.ItemDelete: _delete_item,
        facts.ItemTruncate: _truncate_item,
        facts.ResponseCreate: _create_response,
        facts.ResponseCancel: _cancel_response,
        facts.AudioBegan: _audio_began,
        facts.AudioCommit: _commit_audio,
        facts.AudioClear: _clear_audio,
        facts.PlaybackReported: _report_playback,
    }


def _truncation_problem(fact: facts.ItemTruncate, item: Item) -> tuple[str, str] | None:
    """(parameter, what is wrong with it), or None."""
    if item.role != "assistant" or not item.spoken:
        return "item_id", "Only spoken messages of the assistant can be truncated."
    if fact.content_index != 0:
        return "content_index", "A spoken message has one content part, index 0."
    if fact.audio_end_ms < 0:
        return "audio_end_ms", "The time must not be negative."
    if fact.audio_end_ms > item.audio_ms + ROUNDING_MS:
        return "audio_end_ms", f"Audio content of {item.audio_ms:.0f} ms is shorter than {fact.audio_end_ms:.0f} ms."
    return None
