"""How each configured service is asked whether it takes our key: one cheap request each. Pure.

The requests are the vendors' own ways of checking a key, or the smallest list that needs one.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from agent_server.settings import CrmSettings, ModelSettings, Settings, SpeechSettings, TelephonySettings
from pipelines.llm.catalogue import nearest

CARTESIA_VERSION = "2026-08-14"
ANTHROPIC_VERSION = "2023-06-01"


class Probe(Struct, frozen=True):
    """One request. ``objection`` looks at the body of a success and says what is wrong with it, ``remark`` what is
    worth knowing.

    ``proves_key`` is False where the service answers everybody: any answer then means no more than "reachable".
    """

    part: str
    url: str
    headers: Mapping[str, str] = {}
    objection: Callable[[Any], str | None] = lambda _body: None
    remark: Callable[[Any], str | None] = lambda _body: None
    proves_key: bool = True


def probes(settings: Settings) -> Iterator[Probe]:
    """A probe for each service that is configured."""
    yield from _speech(settings.speech)
    yield from _models(settings.models)
    yield from _crm(settings.crm)
    yield from _telephony(settings.telephony)


def verdict(probe: Probe, status: int, body: Any) -> tuple[bool, str]:
    """Whether an answer means that the service works for us, and why."""
    if not probe.proves_key:
        return status < 500, f"reachable (HTTP {status})"
    if status in (401, 403):
        return False, f"refuses the key (HTTP {status})"
    if status == 429:
        return True, "takes the key, but is at its rate limit now (HTTP 429)"
    if not 200 <= status < 300:
        return False, f"answers with HTTP {status}; is the address right?"
    objection = probe.objection(body)
    if objection is not None:
        return False, objection
    return True, probe.remark(body) or "takes the key"


def _speech(speech: SpeechSettings) -> Iterator[Probe]:
    if speech.deepgram_api_key:
        headers = {"Authorization": f"Token {speech.deepgram_api_key}"}
        yield Probe("deepgram", f"{http_address(speech.deepgram_base_url)}/v1/auth/token", headers)
    if speech.cartesia_api_key:
        headers = {**_bearer(speech.cartesia_api_key), "Cartesia-Version": CARTESIA_VERSION}
        yield Probe("cartesia", f"{http_address(speech.cartesia_base_url)}/voices?limit=1", headers)


def _models(models: ModelSettings) -> Iterator[Probe]:
    like_openai = (
        ("cerebras", models.cerebras_api_base, models.cerebras_api_key, models.cerebras_model),
        ("deepseek", models.deepseek_api_base, models.deepseek_api_key, models.deepseek_model),
        ("openrouter", models.openrouter_api_base, models.openrouter_api_key, models.openrouter_model),
        ("openai", models.openai_base_url, models.openai_api_key, models.openai_model),
        ("runpod", models.runpod_vllm_api_base, models.runpod_api_key, models.runpod_vllm_model),
    )
    for part, base, key, model in like_openai:
        if key and base:
            yield Probe(part, f"{base}/models", _bearer(key), remark=partial(_model_remark, model))
    if models.ollama_base_url:
        yield Probe("ollama", f"{models.ollama_base_url}/models", proves_key=False)
    if models.anthropic_api_key:
        headers = {"x-api-key": models.anthropic_api_key, "anthropic-version": ANTHROPIC_VERSION}
        remark = partial(_model_remark, models.anthropic_model)
        yield Probe("anthropic", f"{models.anthropic_base_url}/v1/models?limit=1000", headers, remark=remark)
    if models.langsmith_api_key:
        headers = {"x-api-key": models.langsmith_api_key}
        yield Probe("langsmith", f"{models.langsmith_endpoint}/api/v1/sessions?limit=1", headers)


def _crm(crm: CrmSettings) -> Iterator[Probe]:
    if crm.close_api_key:
        yield Probe("close", f"{crm.close_api_base}/me/", _basic(crm.close_api_key, ""))
    if crm.apollo_api_key:
        headers = {"X-Api-Key": crm.apollo_api_key}
        yield Probe("apollo", f"{crm.apollo_api_base}/auth/health", headers, _apollo_objection)
    if crm.linkedin_client_id:
        # Its credentials are good for sending people to log in, and are tried when the first one does.
        yield Probe("linkedin", f"{crm.linkedin_api_base}/v2/userinfo", proves_key=False)
    if crm.browserbase_api_key:
        headers = {"X-BB-API-Key": crm.browserbase_api_key}
        yield Probe("browserbase", f"{crm.browserbase_api_base}/v1/sessions", headers)


def _telephony(telephony: TelephonySettings) -> Iterator[Probe]:
    if telephony.twilio_account_sid and telephony.twilio_auth_token:
        url = f"{telephony.twilio_api_base}/2010-04-01/Accounts/{telephony.twilio_account_sid}.json"
        yield Probe("twilio", url, _basic(telephony.twilio_account_sid, telephony.twilio_auth_token))
    if telephony.telnyx_api_key:
        yield Probe("telnyx", f"{telephony.telnyx_api_base}/balance", _bearer(telephony.telnyx_api_key))


def http_address(address: str) -> str:
    """The HTTP form of an address that may be a WebSocket's."""
    return "http" + address.removeprefix("ws") if address.startswith("ws") else address


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def _model_remark(wanted: str, body: Any) -> str | None:
    """What is asked for where the configured model is not served."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    listed = tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)
    instead = nearest(wanted, listed)
    if instead is None:
        return "takes the key, but lists no model that talks"
    if instead == wanted:
        return f"takes the key and serves {wanted}"
    return f"takes the key; {wanted + ' is not listed, ' if wanted else ''}{instead} is used"


def _apollo_objection(body: Any) -> str | None:
    """Apollo answers 200 to a bad key too."""
    if isinstance(body, dict) and body.get("is_logged_in") is False:
        return "refuses the key"
    return None
