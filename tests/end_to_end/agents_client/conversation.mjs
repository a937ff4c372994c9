// One conversation with the vendor's agents client: a typed question that needs a tool, a spoken turn, an interruption.
// Prints what happened as one JSON object.  Usage: node conversation.mjs <ws url> <key> <speech as 24 kHz PCM16 file>
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';

const [url, apiKey, speechFile] = process.argv.slice(2);
const FRAME_BYTES = 960;
const result = { toolCalls: [], audioBytes: 0, audioBytesByTurn: [], interruptions: 0, errors: [], genericEvents: [], history: [] };

const weather = tool({
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    result.toolCalls.push(city);
    return `sunny in ${city}`;
  },
});

const transport = new OpenAIRealtimeWebSocket({ url });
const agent = new RealtimeAgent({ name: 'Tester', instructions: 'Be brief.', tools: [weather] });
const session = new RealtimeSession(agent, { transport });

session.on('error', (error) => result.errors.push(JSON.stringify(error.error ?? error, Object.getOwnPropertyNames(error.error ?? error))));
session.on('audio', (event) => {
  result.audioBytes += event.data.byteLength;
});
session.on('audio_interrupted', () => {
  result.interruptions += 1;
});

const waiting = [];
session.on('transport_event', (event) => {
  for (const waiter of waiting.splice(0)) {
    if (event.type === waiter.type && waiter.accepts(event)) waiter.resolve(event);
    else waiting.push(waiter);
  }
});

function next(type, accepts = () => true) {
  return new Promise((resolve, reject) => {
    waiting.push({ type, accepts, resolve });
    setTimeout(() => reject(new Error(`no ${type} came`)), 20_000).unref();
  });
}

const isSpoken = (event) => event.response.output.some((item) => item.type === 'message');

async function speak(pcm, silenceMs) {
  const all = Buffer.concat([pcm, Buffer.alloc(48 * silenceMs)]);
  const began = performance.now();
  for (let at = 0; at < all.length; at += FRAME_BYTES) {
    const frame = all.subarray(at, at + FRAME_BYTES);
    session.sendAudio(frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.length));
    await sleep(Math.max(0, began + (at + FRAME_BYTES) / 48 - performance.now()));
  }
}

function turnEnds() {
  const before = result.audioBytes;
  return next('response.done', isSpoken).then((event) => {
    result.audioBytesByTurn.push(result.audioBytes - before);
    return event;
  });
}

try {
  await session.connect({ apiKey, url });
  const typed = turnEnds();
  session.sendMessage('What is the weather in Rome?');
  await typed;

  const pcm = await readFile(speechFile);
  const spoken = turnEnds();
  await speak(pcm, 1200);
  await spoken;
  await sleep(300);

  const begins = next('response.output_audio.delta');
  session.sendMessage('Tell me a long story.');
  await begins;
  await sleep(1200);
  const cut = turnEnds();
  await speak(pcm, 1200);
  result.lastStatus = (await cut).response.status;
  await sleep(1500);
  result.history = session.history.map((item) => ({
    type: item.type,
    role: item.role,
    status: item.status,
    text: item.content?.map((part) => part.text ?? part.transcript ?? null),
    name: item.name,
  }));
} catch (error) {
  result.errors.push(String(error));
}
session.close();
console.log(JSON.stringify(result));
process.exit(0);
