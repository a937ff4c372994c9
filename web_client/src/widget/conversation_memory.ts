const PREFIX = "sales-agent-conversation:";

/** The conversation of this tab, so that reloading the page goes on with it. Storage may be forbidden: then it is not. */
export class ConversationMemory {
  private readonly key: string;

  /** `agent`: the profile that talks, if one is asked for. */
  constructor(server: string, agent: string | null = null) {
    this.key = PREFIX + server + (agent ? `#${agent}` : "");
  }

  get(): string | null {
    try {
      return sessionStorage.getItem(this.key);
    } catch {
      return null;
    }
  }

  set(conversationId: string | null): void {
    try {
      if (conversationId) sessionStorage.setItem(this.key, conversationId);
      else sessionStorage.removeItem(this.key);
    } catch {
      // Forbidden: a reload starts a new conversation.
    }
  }
}
