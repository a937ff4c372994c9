"""Errors of the realtime protocol: the session lives on, the client learns what was wrong."""


class ProtocolError(Exception):
    """A client event that cannot be done.

    ``code`` is stable; ``param`` is the path of the offending field; ``type`` is the protocol's error class.
    """

    def __init__(
        self, code: str, message: str, *, param: str | None = None, type_: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.type = type_
