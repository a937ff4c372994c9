"""The realtime protocol's doors in the OpenAPI document, which can show no more of them than how they are opened."""

from collections.abc import Mapping
from typing import Any

from agent_server.webrtc.offer import MAX_SDP_BYTES

_JSON = "application/json"
_SDP = "application/sdp"
_TEXT = {"type": "string"}
_QUERY = {
    "model": "Any name; `sales-agent` is ours",
    "conversation": "Id of a conversation to continue",
    "channel": "What the client is: `websocket`, `webrtc`, `widget`, `terminal`, …",
    "lead": "Id of the lead that calls; with an API key",
    "from": "Number or e-mail address of who calls; with an API key",
    "agent": "Slug of the profile that talks; else the default one",
    "recording": "`off`: its sound is not kept",
}


def realtime_paths(error: dict[str, Any], *, words: Mapping[int, str], scheme: str) -> dict[str, dict[str, Any]]:
    """``error``: the schema of a refusal; ``words``: what each status means; ``scheme``: the one keys are given by."""

    def operation(name: str, statuses: tuple[int, ...], **rest: Any) -> dict[str, Any]:
        refusals = {
            str(status): {"description": words[status], "content": {_JSON: {"schema": error}}} for status in statuses
        }
        made = {"operationId": name, "tags": ["realtime"], "security": [{scheme: ["realtime"]}], **rest}
        return made | {"responses": {**rest["responses"], **refusals}}

    query = [
        {"name": name, "in": "query", "required": False, "description": text, "schema": _TEXT}
        for name, text in _QUERY.items()
    ]
    return {
        "/v1/realtime": {
            "get": operation(
                "realtime",
                (400, 401, 403, 404, 429, 503),
                summary="Open a conversation (WebSocket)",
                description="The OpenAI Realtime protocol: JSON events both ways. In browsers the key goes into the "
                "sub-protocols: `realtime`, `openai-insecure-api-key.<key>`.",
                parameters=query,
                responses={"101": {"description": "The conversation is open"}},
            )
        },
        "/v1/realtime/calls": {
            "post": operation(
                "realtime_call",
                (400, 401, 403, 404, 408, 413, 415, 429, 503, 504),
                summary="Open a conversation (WebRTC)",
                description="The OpenAI Realtime protocol: an SDP offer with one audio track and the data channel "
                f"`oai-events`, at most {MAX_SDP_BYTES // 1024} KiB. `Location` is the call.",
                parameters=query,
                requestBody={
                    "required": True,
                    "content": {
                        _SDP: {"schema": _TEXT},
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["sdp"],
                                "properties": {"sdp": _TEXT, "session": {"type": "object"}},
                            }
                        },
                    },
                },
                responses={
                    "201": {
                        "description": "The answer",
                        "headers": {"Location": {"schema": _TEXT}},
                        "content": {_SDP: {"schema": _TEXT}},
                    }
                },
            )
        },
        "/v1/realtime/calls/{id}/hangup": {
            "post": operation(
                "realtime_hang_up",
                (401, 403, 404, 429, 503),
                summary="End a call by WebRTC",
                parameters=[{"name": "id", "in": "path", "required": True, "schema": _TEXT}],
                responses={"200": {"description": "It ends"}},
            )
        },
    }
