"""The list of settings shows what is in force, and where it comes from."""

from agent_server.settings import list_settings, read_settings


def test_the_list() -> None:
    settings = read_settings(
        {"PORT": "9000", "DEEPGRAM_API_KEY": "hunter2"}, {"ALLOWED_ORIGINS": "https://a.example"}, {}
    )
    lines = {line.name: line for line in list_settings(settings)}
    port = lines["PORT"]
    assert (port.theme, port.type, port.default, port.value, port.source) == (
        "process",
        "integer",
        "8080",
        "9000",
        "environment",
    )
    key = lines["DEEPGRAM_API_KEY"]
    assert (key.theme, key.secret, key.default, key.value) == ("speech", True, "unset", "********")
    origins = lines["ALLOWED_ORIGINS"]
    assert (origins.type, origins.value, origins.source) == ("list", "https://a.example", ".env")
    assert lines["STT_PROVIDER"].type == "auto|deepgram-flux|deepgram-nova|cartesia|pocketsphinx"
    assert lines["PUBLIC_URL"].type == "url"
    assert lines["DATA_DIR"].type == "path"
    assert lines["LANGSMITH_TRACING"].default == "false"
    assert lines["COMPANY_NAME"].value == "unset"


def test_every_secret_is_masked() -> None:
    secrets = [line.name for line in list_settings(read_settings({}, {}, {})) if line.secret]
    values = dict.fromkeys(secrets, "hunter2") | {
        "DATABASE_URL": "postgresql://hunter2@db/x",
        "REDIS_URL": "redis://:hunter2@cache",
        "ENCRYPTION_KEY": "hunter2" + "A" * 36 + "=",
        "SMTP_URL": "smtp://us:hunter2@mail.example",
        "INVITATION_FROM": "sales@example.com",
    }
    lines = list_settings(read_settings(values, {}, {}))
    assert {line.value for line in lines if line.secret} == {"********"}
    assert "hunter2" not in str(lines)
