"""What can keep an agent from answering. A model that fails is not among it: the rules answer then."""


class AgentError(Exception):
    """``code`` is stable snake_case; ``param`` names the part of the input that is wrong. What is asked for wrongly:
    ``unknown_agent``, ``invalid_input``, ``invalid_audio``, ``answer_missing``, ``lead_not_found``,
    ``thread_not_found``, ``thread_of_other_agent``, ``nothing_to_resume``, ``stream_not_found``. What may go well
    another time: ``thread_busy``, ``agents_busy``, ``reply_failed``, ``transcription_failed``. What this server has
    not: ``agent_unavailable``. A run that ended without an answer tells ``agent_timeout``, ``agent_failed`` or
    ``cancelled`` in its reply."""

    def __init__(self, code: str, message: str, *, retryable: bool = False, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.param = param
