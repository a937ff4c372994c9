"""Old recordings are deleted by whichever worker gets to it, beside the servers that look themselves."""

from typing import TYPE_CHECKING, Final

from agent_server.call_audio.keeping import CallAudioKeeping, quiet_sweep

if TYPE_CHECKING:
    import procrastinate

SWEEP: Final = "call_audio_sweep"


class SweepJob:
    """To be registered with a worker's jobs."""

    def __init__(self, keeping: CallAudioKeeping) -> None:
        self._keeping = keeping

    def register(self, app: "procrastinate.App") -> None:
        app.periodic(cron="23 * * * *")(app.task(name=SWEEP, queueing_lock=SWEEP)(self.sweep))

    async def sweep(self, timestamp: int) -> None:
        await quiet_sweep(self._keeping)
