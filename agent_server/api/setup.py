"""What is set up, what still makes do with something less good, and what to set next."""

from typing import Literal

from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.crm_parts import CRM
from agent_server.engines import EMBEDDED_STT, EMBEDDED_TTS, chosen_stt, chosen_tts
from agent_server.settings import Settings
from agent_server.telephony.outbound.carriers import missing_of

setup = Resource("health", "State of the server, for load balancers and operators.")

StepName = Literal[
    "knowledge", "company", "models", "recognition", "voice", "phone", "calling", "crm", "widget", "invitations"
]


class SetupStep(Struct, frozen=True, kw_only=True):
    """`missing`: settings without which it is not done, as `sales-agent settings` names them; one that is not done and
    misses none is done in the console. `using`: what does the work now."""

    name: StepName
    done: bool
    missing: tuple[str, ...] = ()
    using: str | None = None


class Setup(Struct, frozen=True, kw_only=True):
    """`items` in the order in which they help most. `url`: where pages and carriers reach this server."""

    url: str
    items: tuple[SetupStep, ...]


class Known(Struct, frozen=True, kw_only=True):
    """What is known beside the settings. ``subject``: of the agent's knowledge · ``model``: the first that answers ·
    ``uses_models``: it is not the playbook."""

    uses_example: bool
    subject: str
    uses_models: bool
    model: str
    crm_connected: bool


@setup.get("/api/setup", scope="read", summary="What is set up, and what to set next")
async def get_setup(call: Call) -> Setup:
    """No value of a setting is told."""
    services = call.services
    knowledge, models = services.teaching.knowledge, services.engines.models
    known = Known(
        uses_example=knowledge.is_example,
        subject=knowledge.subject,
        uses_models=len(models) > 1,
        model=models[0].name,
        crm_connected=await call.request.app[CRM].crm.is_set_up("close"),
    )
    url = services.settings.process.public_url or f"{call.request.scheme}://{call.request.host}"
    return Setup(url=url, items=steps_of(services.settings, known))


def steps_of(settings: Settings, known: Known) -> tuple[SetupStep, ...]:
    process = settings.process
    recogniser, voice = chosen_stt(settings.speech), chosen_tts(settings.speech)
    return (
        SetupStep(name="knowledge", done=not known.uses_example, using=known.subject or None),
        _needs("company", COMPANY_NAME=process.company_name or None),
        SetupStep(
            name="models",
            done=known.uses_models,
            missing=() if known.uses_models else ("CEREBRAS_API_KEY",),
            using=known.model,
        ),
        SetupStep(
            name="recognition",
            done=recogniser != EMBEDDED_STT,
            missing=() if recogniser != EMBEDDED_STT else ("DEEPGRAM_API_KEY",),
            using=recogniser,
        ),
        SetupStep(
            name="voice",
            done=voice != EMBEDDED_TTS,
            missing=() if voice != EMBEDDED_TTS else ("CARTESIA_API_KEY",),
            using=voice,
        ),
        _phone(settings),
        SetupStep(name="calling", done=not missing_of(settings), missing=missing_of(settings)),
        SetupStep(name="crm", done=known.crm_connected),
        _needs("widget", ALLOWED_ORIGINS=process.allowed_origins or None),
        _needs("invitations", SMTP_URL=settings.calendar.smtp_url),
    )


def _needs(name: StepName, **values: object) -> SetupStep:
    missing = tuple(variable for variable, value in values.items() if value is None)
    return SetupStep(name=name, done=not missing, missing=missing)


def _phone(settings: Settings) -> SetupStep:
    """Any carrier will do; what Twilio lacks is told where there is none."""
    telephony = settings.telephony
    doors = {
        "livekit": (telephony.livekit_url, telephony.livekit_api_key, telephony.livekit_api_secret),
        "telnyx": (telephony.telnyx_api_key, telephony.telnyx_public_key, settings.process.public_url),
        "twilio": (telephony.twilio_auth_token, settings.process.public_url),
    }
    using = tuple(name for name, needed in doors.items() if all(needed))
    if using:
        return SetupStep(name="phone", done=True, using=", ".join(using))
    return _needs("phone", TWILIO_AUTH_TOKEN=telephony.twilio_auth_token, PUBLIC_URL=settings.process.public_url)
