"""What can keep an agent from answering. A model that fails is not among it: the rules answer then."""


class AgentError(Exception):
    """``code`` is stable snake_case: ``unknown_agent``, ``invalid_input``, ``lead_not_found``, ``thread_not_found``,
    ``thread_busy``, ``nothing_to_resume``, ``agent_unavailable``, ``agent_timeout``, ``agent_failed``. ``param`` names
    the part of the input that is wrong."""

    def __init__(self, code: str, message: str, *, retryable: bool = False, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.param = param
