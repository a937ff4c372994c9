import type { Channel, ConversationTurn } from "./conversations";

interface Cost {
  calls: number;
  failed: number;
  /** Calls whose price is not known; they are not in `cost_usd`. */
  unpriced: number;
  cost_usd: number;
}

export interface DayCost extends Cost {
  day: string;
}

export interface ProviderCost extends Cost {
  kind: string;
  provider: string;
  model: string;
  prompt_tokens: number;
  completion_tokens: number;
  audio_seconds: number;
  characters_spoken: number;
  characters_discarded: number;
}

export interface AgentCost {
  agent_type: string;
  runs: number;
  failed: number;
  mean_latency_ms: number | null;
  cost_usd: number;
}

export interface LeadCost {
  lead_id: string;
  company_name: string | null;
  contact_name: string | null;
  calls: number;
  unpriced: number;
  cost_usd: number;
}

export interface Costs extends Cost {
  first: string;
  last: string;
  days: DayCost[];
  providers: ProviderCost[];
  agents: AgentCost[];
}

export interface DayLatency {
  day: string;
  replies: number;
  p50_ms: number;
  p95_ms: number;
}

export interface StageLatency {
  stage: "reply" | "end_of_turn" | "transcript" | "first_token" | "first_audio";
  /** Empty where it is not known. */
  provider: string;
  replies: number;
  p50_ms: number;
  p95_ms: number;
}

export interface SlowReply {
  conversation_id: string;
  channel: Channel;
  company_name: string | null;
  contact_name: string | null;
  turn: ConversationTurn;
}

/** Percentiles are null without replies. */
export interface Latency {
  first: string;
  last: string;
  spoken: boolean;
  channel: Channel | null;
  replies: number;
  p50_ms: number | null;
  p95_ms: number | null;
  spread: { ms: number; replies: number }[];
  days: DayLatency[];
  stages: StageLatency[];
  slowest: SlowReply[];
}
