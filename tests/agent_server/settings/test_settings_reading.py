"""Settings come from four places, and whatever is wrong with them is said at once, by name, without a secret."""

import logging
from pathlib import Path

import pytest

from agent_server.settings import Settings, SettingsError, load_settings, read_settings
from agent_server.settings.reading import FIELDS, read_env_file

FERNET_KEY = "A" * 43 + "="


def read(**environment: str) -> Settings:
    return read_settings(environment, {}, {})


def problems(environment: dict[str, str] | None = None, env_file: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment or {}, env_file or {}, {})
    return caught.value.problems


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"LIVEKIT_URL": "ws://lk"}, "LIVEKIT_URL without LIVEKIT_API_KEY and LIVEKIT_API_SECRET has no effect."),
        ({"TELNYX_API_KEY": "key"}, "TELNYX_API_KEY without TELNYX_PUBLIC_KEY has no effect."),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_ACCOUNT_SID without TWILIO_AUTH_TOKEN has no effect."),
        ({"INVITATION_FROM": "a@example.com"}, "INVITATION_FROM without SMTP_URL has no effect."),
    ],
)
def test_what_is_half_set_is_told_at_start(given: dict[str, str], told: str) -> None:
    assert read(**given).warnings == (told,)


def test_what_is_whole_is_not_told_of() -> None:
    whole = {"TWILIO_AUTH_TOKEN": "any-secret", "LINKEDIN_CLIENT_ID": "id", "LINKEDIN_CLIENT_SECRET": "secret"}
    assert read(**whole).warnings == ()


def test_defaults() -> None:
    settings = read()
    assert (settings.process.host, settings.process.port) == ("127.0.0.1", 8080)
    assert settings.process.data_dir == Path(".data")
    assert settings.process.session_max_minutes == 60
    assert settings.process.recordings_dir is None
    assert settings.speech.stt_provider == settings.speech.tts_provider == "auto"
    assert settings.models.cerebras_model == "llama3.1-8b"
    assert settings.sources == {}


CONTRACT = """
SALES_AGENT_API_KEY DATA_DIR DATABASE_URL REDIS_URL PUBLIC_URL ENCRYPTION_KEY MAX_CONVERSATIONS
STT_PROVIDER DEEPGRAM_API_KEY DEEPGRAM_BASE_URL TTS_PROVIDER CARTESIA_API_KEY CARTESIA_BASE_URL CARTESIA_VOICE_ID
CEREBRAS_API_KEY CEREBRAS_API_BASE CEREBRAS_MODEL ANTHROPIC_API_KEY ANTHROPIC_BASE_URL DEEPSEEK_API_KEY
DEEPSEEK_API_BASE OPENROUTER_API_KEY OPENROUTER_API_BASE OPENAI_API_KEY OPENAI_BASE_URL OLLAMA_BASE_URL
RUNPOD_API_KEY RUNPOD_VLLM_API_BASE LANGSMITH_TRACING LANGSMITH_API_KEY
CLOSE_API_KEY CLOSE_API_BASE CLOSE_WEBHOOK_SIGNATURE_KEY APOLLO_API_KEY APOLLO_API_BASE LINKEDIN_CLIENT_ID
LINKEDIN_CLIENT_SECRET LINKEDIN_REDIRECT_URI LINKEDIN_API_BASE BROWSERBASE_API_KEY BROWSERBASE_PROJECT_ID
BROWSERBASE_API_BASE
LIVEKIT_URL LIVEKIT_API_KEY LIVEKIT_API_SECRET TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_API_BASE TELNYX_API_KEY
TELNYX_PUBLIC_KEY HOST PORT
""".split()


def test_every_name_of_the_contract_is_there_once_with_a_meaning() -> None:
    fields = [field for group in FIELDS.values() for field in group]
    names = [field.variable for field in fields]
    assert len(names) == len(set(names))
    assert set(CONTRACT) <= set(names)
    assert all(field.meaning for field in fields)


def test_every_key_secret_and_token_is_marked_secret() -> None:
    for group in FIELDS.values():
        for field in group:
            sounds_secret = field.variable.endswith(("_KEY", "_SECRET", "_TOKEN"))
            if sounds_secret and field.variable != "TELNYX_PUBLIC_KEY":
                assert field.secret, field.variable


def test_the_nearer_place_wins() -> None:
    settings = read_settings({"PORT": "2", "HOST": "localhost"}, {"PORT": "3", "LOG_LEVEL": "debug"}, {"PORT": "1"})
    assert settings.process.port == 1
    assert settings.process.host == "localhost"
    assert settings.process.log_level == "debug"
    assert settings.sources == {"PORT": "command line", "HOST": "environment", "LOG_LEVEL": ".env"}


def test_an_empty_value_is_none() -> None:
    assert read_settings({"PORT": " ", "DEEPGRAM_API_KEY": ""}, {"PORT": "3"}, {}).process.port == 3


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("PORT", "0", 0),
        ("DATA_DIR", "/var/lib/agent", Path("/var/lib/agent")),
        ("MAX_CONVERSATIONS", "250", 250),
        ("DRAIN_SECONDS", "1.5", 1.5),
        ("LOG_LEVEL", "INFO", "info"),
        ("ALLOWED_ORIGINS", "https://a.example, http://localhost:3000", ("https://a.example", "http://localhost:3000")),
        ("ALLOWED_ORIGINS", "*", ("*",)),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::1", ("10.0.0.0/8", "::1")),
        ("PUBLIC_URL", "https://agent.example.com/", "https://agent.example.com"),
        ("DATABASE_URL", "postgresql://u:p@db:5432/sales?sslmode=require", None),
        ("REDIS_URL", "rediss://:p@cache:6379/0", None),
        ("ENCRYPTION_KEY", f"{FERNET_KEY},{FERNET_KEY}", None),
    ],
)
def test_values_of_every_type(variable: str, text: str, value: object) -> None:
    field = next(field for field in FIELDS["process"] if field.variable == variable)
    assert getattr(read(**{variable: text}).process, field.attribute) == (text if value is None else value)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("ON", True), ("false", False), ("0", False), ("No", False)]
)
def test_booleans(text: str, value: bool) -> None:
    settings = read(LANGSMITH_TRACING=text, LANGSMITH_API_KEY="k")
    assert settings.models.langsmith_tracing is value


def test_a_base_address_loses_its_last_slash_and_a_redirect_keeps_it() -> None:
    settings = read(CLOSE_API_BASE="http://127.0.0.1:9/api/v1/", LINKEDIN_REDIRECT_URI="https://a.example/back/")
    assert settings.crm.close_api_base == "http://127.0.0.1:9/api/v1"
    assert settings.crm.linkedin_redirect_uri == "https://a.example/back/"


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("PORT", "http", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("MAX_CONVERSATIONS", "0", "a whole number from 1 to 100000"),
        ("HOST", "a b", "a host name or address"),
        ("STT_PROVIDER", "whisper", "one of auto, deepgram-flux, deepgram-nova, cartesia, pocketsphinx"),
        ("LOG_FORMAT", "xml", "one of text, json"),
        ("LANGSMITH_TRACING", "maybe", "true or false"),
        ("DEEPGRAM_BASE_URL", "api.deepgram.com", "an address such as wss://host"),
        ("CLOSE_API_BASE", "ftp://close", "an address such as https://host"),
        ("DATABASE_URL", "mysql://db", "an address such as postgresql://"),
        ("REDIS_URL", "localhost", "an address such as redis://host"),
        ("ALLOWED_ORIGINS", "https://a.example/page", "a list separated by commas"),
        ("TRUSTED_PROXIES", "proxy", "an address or network"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "an address or network"),
        ("ENCRYPTION_KEY", "short", "32 random bytes"),
        ("SALES_AGENT_API_KEY", "two words", "printable ASCII without spaces"),
        ("KNOWLEDGE_FILE", "/does/not/exist", "there is no file"),
    ],
)
def test_an_invalid_value_names_the_variable_and_what_is_allowed(variable: str, text: str, allowed: str) -> None:
    (problem,) = problems({variable: text})
    assert variable in problem
    assert allowed in problem


def test_everything_wrong_is_said_at_once() -> None:
    assert len(problems({"PORT": "x", "LOG_LEVEL": "loud"}, {"DEEPGRAM_API_KEI": "x"})) == 3


def test_a_key_that_can_be_guessed_is_mentioned() -> None:
    (warning,) = read(SALES_AGENT_API_KEY="hunter2").warnings
    assert "SALES_AGENT_API_KEY has 7 characters" in warning
    assert "hunter2" not in warning
    assert read(SALES_AGENT_API_KEY="x" * 16).warnings == ()


def test_a_secret_is_not_repeated() -> None:
    for variable in ("SALES_AGENT_API_KEY", "DATABASE_URL", "ENCRYPTION_KEY", "DEEPGRAM_API_KEY"):
        assert "hunter 2" not in str(problems({variable: "hunter 2"}))


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"STT_PROVIDER": "deepgram-nova"}, "DEEPGRAM_API_KEY"),
        ({"STT_PROVIDER": "cartesia"}, "CARTESIA_API_KEY"),
        ({"TTS_PROVIDER": "cartesia"}, "CARTESIA_API_KEY"),
        ({"LANGSMITH_TRACING": "true"}, "LANGSMITH_API_KEY"),
    ],
)
def test_a_provider_that_was_chosen_needs_its_key(environment: dict[str, str], missing: str) -> None:
    assert missing in problems(environment)[0]


def test_a_misspelt_name_in_env_file_is_an_error() -> None:
    assert "did you mean DEEPGRAM_API_KEY" in problems(env_file={"DEEPGRAM_API_KEI": "x"})[0]
    assert "CARTESIA_MODEL" in problems(env_file={"CARTESIA_MODEL": "x"})[0]
    assert "did you mean DATABASE_URL" in problems(env_file={"DATABASE_URI": "x"})[0]


def test_a_foreign_name_in_env_file_is_only_mentioned() -> None:
    settings = read_settings({}, {"COMPOSE_PROJECT_NAME": "x"}, {})
    assert settings.warnings == ("COMPOSE_PROJECT_NAME (.env) is not a setting and has no effect.",)


def test_the_environment_is_everybodys_so_there_it_is_only_a_warning() -> None:
    settings = read_settings({"DEEPGRAM_API_KEI": "x", "HOSTNAME": "y", "PATH": "z", "GOOGLE_API_KEY": "w"}, {}, {})
    assert settings.warnings == ("DEEPGRAM_API_KEI (environment) is not a setting; did you mean DEEPGRAM_API_KEY?",)


def test_an_env_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# ours\nPORT=9000\nexport HOST='localhost'\nCOMPANY_NAME=\"A ${HOME} & Co # 1\"\nAGENT_NAME=\nX\n")
    assert read_env_file(path) == {
        "PORT": "9000",
        "HOST": "localhost",
        "COMPANY_NAME": "A ${HOME} & Co # 1",
        "AGENT_NAME": "",
        "X": "",
    }


def test_no_env_file_is_fine_and_a_broken_one_is_not(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}
    path = tmp_path / ".env"
    path.write_text("PORT=1\nthis is no setting\n")
    with pytest.raises(SettingsError, match="line 2 is not of the form NAME=value"):
        read_env_file(path)
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory\."):
        read_env_file(tmp_path)
    path.write_bytes("PORT=1\n".encode("utf-16"))
    with pytest.raises(SettingsError, match="it is no text in UTF-8"):
        read_env_file(path)


def test_the_real_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORT", "8123")
    path = tmp_path / ".env"
    path.write_text("PORT=1\nAGENT_NAME=Ada\n")
    settings = load_settings({"HOST": "::1"}, path)
    assert (settings.process.port, settings.process.host, settings.process.agent_name) == (8123, "::1", "Ada")


def test_settings_can_be_shown_without_giving_a_secret_away(caplog: pytest.LogCaptureFixture) -> None:
    settings = read(SALES_AGENT_API_KEY="hunter2-hunter2", DEEPGRAM_API_KEY="hunter2", TWILIO_AUTH_TOKEN="hunter2")
    logging.getLogger("test").error("%s %r", settings, settings.telephony)
    assert "hunter2" not in caplog.text + repr(settings) + str(settings)
    assert "port=8080" in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("CALENDAR_HOURS", "mon-fri nine to five", "is not of the form mon-fri 09:00-17:00"),
        ("CALENDAR_TIME_ZONE", "Mars/Olympus", "is not a time zone such as Europe/Berlin"),
        ("CALENDAR_DAYS_OFF", "christmas", "a date such as 2026-12-25"),
        ("SMTP_URL", "smtp://mail.example.com", "needs INVITATION_FROM"),
        ("SMTP_URL", "mail.example.com", "an address such as smtp://"),
    ],
)
def test_a_calendar_that_cannot_be_is_said_at_start(variable: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        read_settings({variable: value}, {}, {})
