/** Whom an erasure is about: one of them is given. */
export interface Subject {
  lead_id?: string;
  phone?: string;
  email?: string;
}

/** `subject` is null once it is finished, and where nobody knows whose wish it is. `counts`: what went, by kind. */
export interface ShownErasure {
  id: string;
  status: "requested" | "queued" | "waiting" | "running" | "finished" | "dismissed";
  source: "operator" | "caller";
  subject: Subject | null;
  crm: "delete" | "keep";
  conversation_id: string | null;
  counts: Record<string, number>;
  waits_for: string | null;
  created_at: string;
  finished_at: string | null;
}

export interface PlanLine {
  kind: string;
  count: number;
  fate: "erased" | "kept";
  note: string | null;
}

export interface Plan {
  lines: PlanLine[];
  waits_for: Record<string, number>;
  sharing_number: number;
}

/** Of a look only the plan is there. */
export interface ErasureReply {
  erasure: ShownErasure | null;
  plan: Plan | null;
}
