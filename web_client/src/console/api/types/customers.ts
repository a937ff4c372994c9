import type { ListedConversation } from "./conversations";
import type { LeadRecord } from "./leads";

export interface Booking {
  id: string;
  status: "booked" | "cancelled";
  start: string;
  end: string;
  email: string | null;
  name: string | null;
  company: string | null;
  notes: string | null;
  lead_id: string | null;
  conversation_id: string | null;
  invitation: "none" | "waiting" | "sent" | "unknown" | "failed";
  invitation_error: string | null;
}

export interface FreeTimes {
  time_zone: string;
  items: { start: string; end: string }[];
}

export interface OpenMatter {
  kind: "person_wanted" | "answer_wanted";
  since: string;
  conversation_id: string | null;
  thread_id: string | null;
  agent: string | null;
}

export interface Customer {
  lead: LeadRecord;
  conversations: ListedConversation[];
  meetings: Booking[];
  open: OpenMatter[];
}
