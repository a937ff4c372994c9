"""One client and its way here, as a door brings it to the host: how it is told things, and when it is gone."""

from typing import Literal, Protocol

from pipelines.conversation.rim.ports import Client
from pipelines.conversation.rim.runner import ConversationRunner
from pipelines.conversation.settings import ConversationSettings

Ending = Literal["taken_over", "draining", "expired", "ended", "failed"]
"""Why this process ends a line: the conversation goes on over another, the server stops, it lasted too long, an
operator ended it, or a mistake of ours broke it."""


class Line(Client, Protocol):
    """``serve`` may be called again with another runner, once it has returned or was cancelled."""

    @property
    def settings(self) -> ConversationSettings:
        """What the conversation is set to as it begins."""

    @property
    def ended_properly(self) -> bool:
        """Once it is over: whether it was ended, by either side, and not broken."""

    @property
    def puts_through(self) -> bool:
        """Whoever wants a person is put through by telephone."""

    def began(self) -> None:
        """The conversation takes facts from now on."""

    async def serve(self, runner: ConversationRunner) -> None:
        """Pass on what the client sends, until it leaves."""

    def end(self, why: Ending) -> None:
        """Tell the client that it is over."""
