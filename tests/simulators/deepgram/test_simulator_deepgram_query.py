import pytest
from multidict import MultiDict

from simulators.audio.pcm import AudioFormat
from simulators.deepgram.query import QueryError, parse_flux, parse_nova


def query(text):
    return MultiDict(part.split("=", 1) for part in text.split("&") if part)


RAW = "encoding=linear16&sample_rate=16000"


def test_flux_defaults():
    parsed = parse_flux(query(f"model=flux-general-en&{RAW}"))
    assert parsed.format == AudioFormat("linear16", 16_000)
    assert (parsed.eot_threshold, parsed.eager_eot_threshold, parsed.eot_timeout_ms) == (0.7, None, 5000)


def test_flux_takes_all_it_knows():
    parsed = parse_flux(
        query(
            "model=flux-general-multi&eot_threshold=1.0&eager_eot_threshold=0.3&eot_timeout_ms=60000&keyterm=a&keyterm=b"
            "&language_hint=en&language_hint=es&numerals=true&profanity_filter=false&redact=numbers&mip_opt_out=true&tag=x"
        )
    )
    assert parsed.format is None
    assert (parsed.keyterms, parsed.language_hints) == (("a", "b"), ("en", "es"))
    assert (parsed.eot_threshold, parsed.eager_eot_threshold, parsed.eot_timeout_ms) == (1.0, 0.3, 60_000)


@pytest.mark.parametrize(
    "extra",
    [
        "interim_results=true",
        "endpointing=300",
        "vad_events=true",
        "utterance_end_ms=1000",
        "smart_format=true",
        "punctuate=true",
        "channels=1",
        "language=en",
        "nonsense=1",
        "eot_threshold=0.4",
        "eot_threshold=1.1",
        "eot_threshold=high",
        "eager_eot_threshold=0.2",
        "eager_eot_threshold=0.95",
        "eager_eot_threshold=0.8",
        "eot_timeout_ms=499",
        "eot_timeout_ms=60001",
        "eot_timeout_ms=1.5",
        "language_hint=en",
        "numerals=yes",
        "redact=pci",
        "tag=" + "x" * 129,
    ],
)
def test_flux_refuses(extra):
    with pytest.raises(QueryError):
        parse_flux(query(f"model=flux-general-en&{RAW}&{extra}"))


@pytest.mark.parametrize(
    "text",
    [
        RAW,
        f"model=nova-3&{RAW}",
        "model=flux-general-en&encoding=linear16",
        "model=flux-general-en&encoding=linear16&sample_rate=11025",
        "model=flux-general-en&encoding=mp3&sample_rate=16000",
    ],
)
def test_flux_refuses_models_and_formats(text):
    with pytest.raises(QueryError):
        parse_flux(query(text))


def test_nova_defaults():
    parsed = parse_nova(query(RAW))
    assert (parsed.model, parsed.endpointing_ms, parsed.utterance_end_ms) == ("base-general", 10, None)
    assert not (parsed.interim_results or parsed.vad_events or parsed.punctuated or parsed.multichannel)


@pytest.mark.parametrize(("value", "expected"), [("false", None), ("true", 10), ("300", 300)])
def test_nova_endpointing(value, expected):
    assert parse_nova(query(f"model=nova-3&{RAW}&endpointing={value}")).endpointing_ms == expected


@pytest.mark.parametrize(
    "extra",
    [
        "nonsense=1",
        "interim_results=True",
        "endpointing=soon",
        "utterance_end_ms=1000",
        "interim_results=true&utterance_end_ms=500",
        "channels=0",
        "sample_rate=4000",
        "diarize_model=v2",
        "keywords=Acme:2",
        "keyterm=" + "word " * 501,
    ],
)
def test_nova_refuses(extra):
    text = f"model=nova-3&encoding=linear16&{extra}" + ("" if "sample_rate" in extra else "&sample_rate=16000")
    with pytest.raises(QueryError):
        parse_nova(query(text))


def test_older_models_take_keywords_and_no_keyterms():
    older = parse_nova(query(f"model=nova-2-phonecall&{RAW}&keywords=Acme:2"))
    assert (older.model, older.family) == ("nova-2-phonecall", "nova-2")
    with pytest.raises(QueryError, match="Keyterm"):
        parse_nova(query(f"model=nova-2&{RAW}&keyterm=Acme"))


def test_flux_models_are_not_on_v1():
    with pytest.raises(QueryError, match="No such model"):
        parse_nova(query(f"model=flux-general-en&{RAW}"))
