"""Nothing may go out, whatever a real installation has set."""

from pathlib import Path

import msgspec

from agent_server.cli.showing.surroundings import child_environment, server_settings, simulated_prices
from agent_server.settings import list_settings, read_settings
from pipelines.speech_usage.prices import SpeechPrice

REAL = {
    line.name: "sk-live-0123456789abcdef" if line.secret else f"https://{line.name.lower()}.example.org"
    for line in list_settings(read_settings({}, {}, {}))
} | {"HTTPS_PROXY": "http://proxy.example.org", "OPENAI_ORG_ID": "org-live", "LANGCHAIN_TRACING_V2": "true"}
SIMULATED = {
    "DEEPGRAM_API_KEY": "simulated-deepgram-key",
    "DEEPGRAM_BASE_URL": "http://127.0.0.1:9",
    "CLOSE_API_KEY": "simulated-close-key",
    "CLOSE_API_BASE": "http://127.0.0.1:9/close/api/v1",
    "TWILIO_ACCOUNT_SID": "ACsimulated",
    "TWILIO_AUTH_TOKEN": "simulated-twilio-key",
    "TWILIO_API_BASE": "http://127.0.0.1:9/twilio",
    "TWILIO_FROM_NUMBER": "+14155550100",
    "CEREBRAS_API_KEY": "simulated-cerebras-key",
    "CARTESIA_API_KEY": "simulated-cartesia-key",
}


def test_of_a_real_installation_nothing_reaches_the_server(tmp_path: Path) -> None:
    environment = child_environment({"PATH": "/bin", "TZ": "Europe/Berlin", **REAL})
    assert environment == {"PATH": "/bin", "TZ": "Europe/Berlin", "PYTHONUNBUFFERED": "1"}


def test_it_knows_simulated_providers_alone_and_no_model(tmp_path: Path) -> None:
    told = server_settings(SIMULATED, data_dir=tmp_path, host="127.0.0.1", port=8081)
    (tmp_path / "speech-prices.json").write_bytes(simulated_prices())
    settings = read_settings(child_environment(REAL), {}, told)
    assert settings.warnings == ()
    secrets = {line.name for line in list_settings(settings) if line.secret and settings.sources.get(line.name)}
    assert secrets == {"DEEPGRAM_API_KEY", "CLOSE_API_KEY", "TWILIO_AUTH_TOKEN"}
    addresses = [value for value in told.values() if "://" in value]
    assert addresses and all("//127.0.0.1:" in address for address in addresses)
    assert (settings.process.host, settings.process.max_load_percent) == ("127.0.0.1", 100)
    assert (settings.models.cerebras_api_key, settings.agents.social_research) == (None, False)


def test_what_is_simulated_costs_nothing() -> None:
    (price,) = msgspec.json.decode(simulated_prices(), type=tuple[SpeechPrice, ...])
    assert (price.provider, price.cost_usd(3600, 1_000_000)) == ("deepgram-flux", 0)
