import base64
import io
import wave

import aiohttp
import pytest


@pytest.fixture
async def control(run_simulators):
    """Asks the control door: (method, path, body) in, (status, answer) out."""
    simulators = await run_simulators()
    async with aiohttp.ClientSession(simulators.urls.http) as client:

        async def ask(method, path, body=None):
            async with client.request(method, f"/_control/{path}", json=body) as response:
                return response.status, await response.json()

        ask.simulation = simulators.simulation
        ask.client = client
        ask.settings = simulators.settings
        yield ask


async def test_faults_are_set_added_and_taken_away(control):
    _, set_first = await control("POST", "faults", {"faults": "cerebras:drop,nth=2"})
    assert [fault["kind"] for fault in set_first["faults"]] == ["drop"]
    await control("POST", "faults", {"faults": [{"provider": "deepgram", "kind": "refuse"}], "add": True})
    _, state = await control("GET", "state")
    assert [(entry["fault"]["provider"], entry["strikes"]) for entry in state["faults"]] == [
        ("cerebras", 0),
        ("deepgram", 0),
    ]
    await control("DELETE", "faults")
    assert control.simulation.faults.armed == ()


async def test_delays_are_replaced(control):
    await control("POST", "delays", {"delays": "cerebras.first_token_ms=normal:5,1"})
    _, state = await control("GET", "state")
    assert state["delays"]["cerebras.first_token_ms"] == {"type": "normal", "mean": 5.0, "deviation": 1.0}
    await control("POST", "delays", {"delays": {"cerebras.tokens_per_s": {"type": "constant", "value": 9}}})
    _, state = await control("GET", "state")
    assert state["delays"]["cerebras.first_token_ms"] == {"type": "constant", "value": 150}
    assert state["delays"]["cerebras.tokens_per_s"] == {"type": "constant", "value": 9.0}


async def test_the_script_is_replaced_field_by_field(control):
    await control("POST", "script", {"replies": [{"text": "Scripted."}]})
    status, _ = await control("POST", "script", {"sentences": ["Only this."]})
    assert status == 200
    script = control.simulation.script
    assert script.sentences == ("Only this.",)
    assert script.replies[0].text == "Scripted."


async def test_a_recording_can_be_taught(control):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(b"\x00\x40\x00\xc0" * 8000)
    recording = {"text": "hello there", "wav": base64.b64encode(file.getvalue()).decode()}
    status, _ = await control("POST", "script", {"recordings": [recording]})
    assert status == 200
    assert control.simulation.library


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"faults": "nobody:drop"}),
        ("faults", {"faults": "cerebras:explode"}),
        ("faults", {"fault": "cerebras:drop"}),
        ("delays", {"delays": "cerebras.nothing_ms=1"}),
        ("delays", {"delays": "cerebras.first_token_ms=soon"}),
        ("script", {"sentence": []}),
        ("script", {"recordings": [{"text": "x", "wav": "AAAA"}]}),
        ("script", []),
    ],
)
async def test_nonsense_is_explained_and_changes_nothing(control, path, body):
    before = (control.simulation.faults.armed, dict(control.simulation.delays.current), control.simulation.script)
    status, answer = await control("POST", path, body)
    assert status == 400
    assert answer["error"]["code"] == "invalid_configuration"
    after = (control.simulation.faults.armed, dict(control.simulation.delays.current), control.simulation.script)
    assert after == before


async def test_state_tells_what_was_seen_and_reset_forgets_it(control):
    headers = {"Authorization": f"Bearer {control.settings['CEREBRAS_API_KEY']}"}
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    await control("POST", "delays", {"delays": "cerebras.first_token_ms=0"})
    async with control.client.post("/cerebras/v1/chat/completions", json=body, headers=headers) as response:
        assert response.status == 200
    _, state = await control("GET", "state?requests=true")
    seen = state["providers"]["cerebras"]
    assert (seen["counters"]["requests"], seen["busy"], seen["requests"][0]["body"]) == (1, 0, body)
    await control("POST", "reset")
    _, state = await control("GET", "state?requests=true")
    assert state["providers"]["cerebras"] == {"open": 0, "busy": 0, "counters": {}, "requests": []}
