"""Somebody else's page calls by WebRTC, as the vendor's documentation has it: a real Chromium, with a recording as the
microphone."""

import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from agents_install import AGENTS_CLIENT
from chromium import Chromium, started
from live_server import KEY, SPEECH, StartServer
from playwright.async_api import Browser, Page
from scripted_engines import scripted_engines

from pipelines.llm.port import ChatRequest

BUNDLE = "node_modules/@openai/agents-realtime/dist/bundle/openai-realtime-agents.umd.js"
STORY = "once upon a time there was a very long story " * 8
ANSWER = "It costs fifty dollars a month for each person."

CALL = """async ([url, key]) => {
  const pc = new RTCPeerConnection();
  const audio = new AudioContext();
  const loudness = audio.createAnalyser();
  const heard = {loud: 0};
  pc.ontrack = (event) => {
    const element = document.createElement("audio");
    element.srcObject = event.streams[0];
    element.autoplay = true;
    audio.createMediaStreamSource(event.streams[0]).connect(loudness);
    const samples = new Float32Array(loudness.fftSize);
    setInterval(() => {
      loudness.getFloatTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample) > 0.05)) heard.loud += 1;
    }, 20);
  };
  const microphone = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: false}});
  pc.addTrack(microphone.getTracks()[0], microphone);
  const channel = pc.createDataChannel("oai-events");
  const events = [];
  const over = new Promise((resolve) => channel.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    events.push(event);
    if (event.type === "output_audio_buffer.stopped") resolve();
  }));
  await pc.setLocalDescription(await pc.createOffer());
  const response = await fetch(`${url}/v1/realtime/calls`, {
    method: "POST",
    body: pc.localDescription.sdp,
    headers: {Authorization: `Bearer ${key}`, "Content-Type": "application/sdp"},
  });
  const location = response.headers.get("Location");
  await pc.setRemoteDescription({type: "answer", sdp: await response.text()});
  await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20000))]);
  const inbound = [...(await pc.getStats()).values()].find((entry) => entry.type === "inbound-rtp");
  await fetch(`${url}${location}/hangup`, {method: "POST", headers: {Authorization: `Bearer ${key}`}});
  pc.close();
  return {
    location, loud: heard.loud, lost: inbound.packetsLost,
    said: events.find((event) => event.type === "response.done")?.response.output[0].content[0].transcript,
  };
}"""

AGENTS = """async ([url, key]) => {
  const {RealtimeAgent, RealtimeSession, OpenAIRealtimeWebRTC} = OpenAIAgentsRealtime;
  const mediaStream = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: false}});
  const transport = new OpenAIRealtimeWebRTC({baseUrl: `${url}/v1/realtime/calls`, mediaStream});
  const session = new RealtimeSession(new RealtimeAgent({name: "agent", instructions: "Sell."}), {transport});
  const errors = [], statuses = [], waiting = [];
  session.on("error", (error) => errors.push(JSON.stringify(error)));
  transport.on("*", (event) => {
    if (event.type === "response.done") statuses.push(event.response.status);
    for (const one of waiting.filter((one) => one.kind === event.type)) one.resolve();
  });
  const until = (kind) => new Promise((resolve, reject) => {
    waiting.push({kind, resolve});
    setTimeout(() => reject(new Error(`no ${kind}`)), 20000);
  });
  const answered = until("output_audio_buffer.stopped");
  await session.connect({apiKey: key});
  await answered;
  const started = until("output_audio_buffer.started");
  session.sendMessage("Tell me a long story.");
  await started;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const cut = until("conversation.item.retrieved");
  session.interrupt();
  await cut;
  await new Promise((resolve) => setTimeout(resolve, 100));
  const history = session.history.map((item) => [item.role, item.content[0]?.transcript ?? item.content[0]?.text]);
  session.close();
  return {errors, statuses, history};
}"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    path = tmp_path_factory.mktemp("microphone") / "microphone.wav"
    with wave.open(str(SPEECH / "utterance-finished.wav")) as source:
        spoken, rate = source.readframes(source.getnframes()), source.getframerate()
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(bytes(2 * rate * 2) + spoken + bytes(2 * rate * 30))
    arguments = (
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    )
    with started(tmp_path_factory.mktemp("chromium"), arguments) as one:
        yield one


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(permissions=["microphone"])
    yield await context.new_page()
    await context.close()


async def test_a_page_talks_and_hears_the_answer(page: Page, start_live: StartServer) -> None:
    server = await start_live(scripted_engines(answer=lambda _: ANSWER), allowed_origins=("*",))
    await page.goto(f"http://localhost:{server.port}/api/live")  # another origin than the one it calls
    result = await page.evaluate(CALL, [server.url, KEY])
    assert result["location"].startswith("/v1/realtime/calls/rtc_")
    assert result["said"] == ANSWER
    assert result["loud"] > 50
    assert result["lost"] == 0


async def test_the_vendors_agents_client_converses(page: Page, start_live: StartServer, node_client: Path) -> None:
    """``@openai/agents-realtime`` with the transport it takes in a browser, unchanged."""
    server = await start_live(scripted_engines(answer=lambda request: STORY if "story" in said(request) else ANSWER))
    async with server.openai() as vendors:
        secret = await vendors.realtime.client_secrets.create(session={"type": "realtime"})
    await page.goto(f"{server.url}/api/live")
    await page.add_script_tag(path=AGENTS_CLIENT / BUNDLE)
    result = await page.evaluate(AGENTS, [server.url, secret.value])
    assert result["errors"] == []
    assert result["history"][:2] == [["user", "how much does it cost"], ["assistant", ANSWER]]
    assert result["statuses"] == ["completed", "cancelled"]
    role, told = result["history"][3]
    assert role == "assistant"
    assert STORY.startswith(told)
    assert len(told) < len(STORY) / 2, "what is left of the reply is what was heard of it"


def said(request: ChatRequest) -> str:
    return request.messages[-1].content
