const PREFIX = "sales-agent-conversation:";

/** The conversation of this tab, so that reloading the page goes on with it. Storage may be forbidden: then it is not. */
export class ConversationMemory {
  private readonly key: string;

  constructor(server: string) {
    this.key = PREFIX + server;
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
