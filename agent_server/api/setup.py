"""What is set up, what still makes do with something less good, and what to set next."""

from typing import Literal

from msgspec import Struct

from agent_server.api.endpoint import Call, Resource
from agent_server.engines.starting import EMBEDDED_STT, EMBEDDED_TTS, chosen_stt, chosen_tts
from agent_server.settings import Settings
from agent_server.telephony.outbound.carriers import CarrierName, missing_of, own_settings

setup = Resource("health", "State of the server, for load balancers and operators.")

StepName = Literal[
    "knowledge", "company", "models", "recognition", "voice", "phone", "calling", "crm", "widget", "invitations"
]


class SetupWay(Struct, frozen=True):
    """What one carrier needs that is not set."""

    carrier: CarrierName
    missing: tuple[str, ...]


class SetupStep(Struct, frozen=True, kw_only=True):
    """`missing`: settings without which it is not done, as `sales-agent settings` names them; one that is not done and
    misses none is done in the console. `ways`: where any of several carriers will do, those that were begun with, else
    all; `missing` is of the first. `using`: what does the work now."""

    name: StepName
    done: bool
    missing: tuple[str, ...] = ()
    ways: tuple[SetupWay, ...] = ()
    using: str | None = None


class Setup(Struct, frozen=True, kw_only=True):
    """`items` in the order in which they help most. `url`: where pages and carriers reach this server."""

    url: str
    items: tuple[SetupStep, ...]


class Known(Struct, frozen=True, kw_only=True):
    """What is known beside the settings. ``company``: for whom the agent speaks · ``subject``: of its knowledge ·
    ``model``: the first that answers · ``uses_models``: it is not the playbook."""

    company: str
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
        company=services.profiles.default.facts.company,
        uses_example=knowledge.is_example,
        subject=knowledge.subject,
        uses_models=len(models) > 1,
        model=models[0].name,
        crm_connected=await call.services.crm.crm.is_set_up("close"),
    )
    url = services.settings.process.public_url or f"{call.request.scheme}://{call.request.host}"
    return Setup(url=url, items=steps_of(services.settings, known))


def steps_of(settings: Settings, known: Known) -> tuple[SetupStep, ...]:
    process = settings.process
    recogniser, voice = chosen_stt(settings.speech), chosen_tts(settings.speech)
    return (
        SetupStep(name="knowledge", done=not known.uses_example, using=known.subject or None),
        SetupStep(name="company", done=bool(known.company), using=known.company or None),
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
        _calling(settings),
        SetupStep(name="crm", done=known.crm_connected),
        _needs("widget", ALLOWED_ORIGINS=process.allowed_origins or None),
        _needs("invitations", SMTP_URL=settings.calendar.smtp_url),
    )


def _needs(name: StepName, **values: object) -> SetupStep:
    missing = tuple(variable for variable, value in values.items() if value is None)
    return SetupStep(name=name, done=not missing, missing=missing)


def _phone(settings: Settings) -> SetupStep:
    """Any carrier will do."""
    telephony, url = settings.telephony, settings.process.public_url
    twilio = {"TWILIO_AUTH_TOKEN": telephony.twilio_auth_token}
    telnyx = {"TELNYX_API_KEY": telephony.telnyx_api_key, "TELNYX_PUBLIC_KEY": telephony.telnyx_public_key}
    livekit = (telephony.livekit_url, telephony.livekit_api_key, telephony.livekit_api_secret)
    doors = {"livekit": livekit, "telnyx": (*telnyx.values(), url), "twilio": (*twilio.values(), url)}
    using = tuple(name for name, needed in doors.items() if all(needed))
    if using:
        return SetupStep(name="phone", done=True, using=", ".join(using))
    carriers: dict[CarrierName, dict[str, str | None]] = {"twilio": twilio, "telnyx": telnyx}
    return _either(
        "phone",
        {
            carrier: tuple(name for name, value in {**own, "PUBLIC_URL": url}.items() if value is None)
            for carrier, own in _begun(carriers).items()
        },
    )


def _calling(settings: Settings) -> SetupStep:
    if not missing_of(settings):
        return SetupStep(name="calling", done=True)
    chosen = settings.telephony.outbound_carrier
    names: tuple[CarrierName, ...] = ("twilio", "telnyx") if chosen is None else (chosen,)
    begun = _begun({name: own_settings(settings.telephony, name) for name in names})
    return _either("calling", {name: missing_of(settings, name) for name in begun})


def _begun(carriers: dict[CarrierName, dict[str, str | None]]) -> dict[CarrierName, dict[str, str | None]]:
    """Those of which something is set, else all."""
    return {name: own for name, own in carriers.items() if any(own.values())} or carriers


def _either(name: StepName, missing: dict[CarrierName, tuple[str, ...]]) -> SetupStep:
    ways = tuple(SetupWay(carrier, lacking) for carrier, lacking in missing.items() if lacking)
    return SetupStep(name=name, done=False, missing=ways[0].missing, ways=ways)
