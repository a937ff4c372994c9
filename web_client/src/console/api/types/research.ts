type ResearchStatus = "running" | "completed" | "cancelled" | "failed" | "stopped";

export interface ListedResearch {
  id: string;
  status: ResearchStatus;
  /** Null once it is no longer kept. */
  question: string | null;
  started_at: string;
  latency_ms: number | null;
  cost_usd: number;
}

/** `sources`: ids of those of the report. */
export interface Claim {
  text: string;
  confidence: number;
  sources: number[];
}

export interface Source {
  id: number;
  kind: "lead" | "knowledge" | "crm" | "website" | "social" | "web";
  title: string;
  text: string;
  url: string | null;
}

export interface ResearchReport {
  summary: string;
  claims: Claim[];
  sources: Source[];
  confidence: number;
  not_found: string[];
  not_searched: { source: string; code: string; message: string }[];
  engine: string;
  latency_ms: number;
  cost_usd: number;
}

export interface Research {
  id: string;
  status: ResearchStatus;
  question: string | null;
  report: ResearchReport | null;
  error?: { code: string; message: string };
}
