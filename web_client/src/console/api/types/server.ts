export interface ComponentState {
  status: "ok" | "degraded" | "down";
  detail?: string | null;
}

/** `unavailable`: the server takes no conversations now. */
export interface Health {
  status: "ok" | "degraded" | "unavailable";
  version: string;
  uptime_s: number;
  draining: boolean;
  conversations: { active: number; limit: number };
  components: Record<string, ComponentState>;
}

export interface SetupWay {
  carrier: "twilio" | "telnyx";
  missing: string[];
}

/** `missing`: settings without which it is not done; `ways`: of each carrier, where any will do. `using`: what does the
 * work now. */
export interface SetupStep {
  name:
    | "knowledge"
    | "company"
    | "models"
    | "recognition"
    | "voice"
    | "phone"
    | "calling"
    | "crm"
    | "widget"
    | "invitations";
  done: boolean;
  missing: string[];
  ways: SetupWay[];
  using: string | null;
}

export interface Setup {
  url: string;
  items: SetupStep[];
}

export interface CrmKeyState {
  platform: string;
  source: "stored" | "settings" | "none" | "unreadable";
  account: string | null;
}

export interface ApiKeyRecord {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** `key` is shown this once. */
export interface IssuedKey {
  id: string;
  key: string;
  name: string;
}
