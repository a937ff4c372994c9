import type { ConversationState, Entry } from "../conversation/state";

/** To be changed with the form of entries: those of another version are not read. */
const PREFIX = "sales-agent-conversation-1:";

interface Known {
  id: string;
  entries: readonly Entry[];
}

/**
 * The conversation of this tab, so that the next page goes on with it and shows what was said, before anything is asked
 * of the network. Storage may be forbidden: then it does not.
 */
export class ConversationMemory {
  private readonly key: string;

  /** `agent`: the profile that talks, if one is asked for. */
  constructor(server: string, agent: string | null = null) {
    this.key = PREFIX + server + (agent ? `#${agent}` : "");
  }

  get(): Known | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "null") as Known | null;
    } catch {
      return null;
    }
  }

  /** Another conversation has begun; null: this one is to be forgotten. */
  set(id: string | null): void {
    try {
      if (id) sessionStorage.setItem(this.key, JSON.stringify({ id, entries: [] } satisfies Known));
      else sessionStorage.removeItem(this.key);
    } catch {
      // Forbidden: the next page starts a new conversation.
    }
  }

  /** What was said, to be called when the page goes. Of two widgets on a page the one that began last is kept. */
  keep({ conversationId, entries }: ConversationState): void {
    if (conversationId === null || this.get()?.id !== conversationId) return;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ id: conversationId, entries } satisfies Known));
    } catch {
      // Full: the words come with the next connection.
    }
  }
}
