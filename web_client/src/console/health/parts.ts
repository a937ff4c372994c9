import type { ComponentState } from "../api/types";

interface Part {
  name: string;
  /** What to do while it is on something less good, and while it does not work. */
  degraded?: string;
  down?: string;
  /** What would make it better although it works, by what it runs on. */
  better?: Record<string, string>;
}

/** The server's parts by their names in `/api/health`, in the order in which they are shown. */
const PARTS: Record<string, Part> = {
  database: {
    name: "Database",
    down: "PostgreSQL does not answer. See that it runs, that DATABASE_URL names it, and that its disk has room.",
  },
  conversation_log: {
    name: "Conversations on the disk",
    down: "What is said waits in memory and no new conversation is taken until the database takes it. Look to the database first.",
  },
  ledger: {
    name: "Costs and runs on the disk",
    degraded: "Figures of costs and runs wait in memory; conversations go on. Look to the database.",
  },
  voice_activity: {
    name: "Voice detection",
    down: "Nobody's speech is noticed. Start the server again; if that does not help, run sales-agent doctor.",
  },
  speech_recognition: {
    name: "Speech recognition",
    degraded: "Calls go on with the recogniser that works. Check the key and the provider's own status page.",
    down: "Nobody can be understood. Check the key and the provider, or set STT_PROVIDER to another.",
    better: { pocketsphinx: "Understands far more with a DEEPGRAM_API_KEY." },
  },
  language_model: {
    name: "Answers",
    degraded: "The next model answers, at worst the playbook. Check the key and the provider's own status page.",
    down: "Nothing answers. Start the server again; if that does not help, run sales-agent doctor.",
    better: { playbook: "Answers by rules; set CEREBRAS_API_KEY or another model's key for free conversation." },
  },
  model_providers: {
    name: "Model providers",
    degraded: "The other models answer meanwhile. Check the key, the quota and the model's name.",
  },
  voice: {
    name: "Speech",
    degraded: "Calls go on with the voice that works. Check the key and the provider's own status page.",
    down: "The agent cannot speak; typed conversations go on. Check the key and the provider.",
    better: { espeak: "Sounds natural with a CARTESIA_API_KEY." },
  },
  calendar: {
    name: "Calendar elsewhere",
    degraded: "Meetings are booked here and are written there once it answers. Check CALDAV_URL and its password.",
  },
};

/** Engines and providers by the names the server has for them. */
const ENGINES: Record<string, string> = {
  silero: "Silero",
  pocketsphinx: "PocketSphinx, on this machine",
  "deepgram-flux": "Deepgram Flux",
  "deepgram-nova": "Deepgram Nova",
  cartesia: "Cartesia",
  espeak: "eSpeak NG, on this machine",
  playbook: "Playbook, on this machine",
  twilio: "Twilio",
  telnyx: "Telnyx",
  none: "None: the playbook answers",
};

/** An engine's name as a person knows it. */
export const engineName = (name: string): string => ENGINES[name] ?? name;

const STATES: Record<ComponentState["status"], string> = {
  ok: "Works",
  degraded: "Works less well",
  down: "Does not work",
};

export interface PartView {
  id: string;
  name: string;
  status: ComponentState["status"];
  /** What it runs on, or what is wrong. */
  detail: string;
  /** What an operator can do; null: nothing needs doing. */
  advice: string | null;
}

/** The parts as an operator reads them, those that need somebody first. */
export function partsOf(components: Record<string, ComponentState>): PartView[] {
  const order = Object.keys(PARTS);
  const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  const badness = { down: 0, degraded: 1, ok: 2 };
  return Object.entries(components)
    .map(([id, state]) => viewOf(id, state))
    .toSorted((a, b) => badness[a.status] - badness[b.status] || place(a.id) - place(b.id));
}

function viewOf(id: string, { status, detail }: ComponentState): PartView {
  const part = PARTS[id];
  const advice = status === "ok" ? part?.better?.[detail ?? ""] : part?.[status];
  return {
    id,
    name: part?.name ?? capitalWords(id),
    status,
    detail: worded(detail) ?? STATES[status],
    advice: advice ?? null,
  };
}

/** Known engines by their names, codes as words, sentences as they are. */
function worded(detail: string | null | undefined): string | null {
  if (!detail) return null;
  if (detail === "no_answer") return "Does not answer";
  const parts = detail.split(", ");
  if (parts.some((part) => part in ENGINES)) return parts.map(engineName).join(", then ");
  return /^[a-z0-9_]+$/.test(detail) ? capitalWords(detail) : detail.charAt(0).toUpperCase() + detail.slice(1);
}

const capitalWords = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");
