import { reduce } from "../../conversation/reduce";
import { ResponseRequests } from "../../conversation/response_requests";
import { sessionSettings } from "../../conversation/session_settings";
import { type ConversationState, initialState, type LocalEvent } from "../../conversation/state";
import { type ClientParts, RealtimeClient } from "../../realtime/client";
import type { ServerEvent } from "../../realtime/server_events";

export interface TalkParts extends Pick<ClientParts, "server" | "credentials" | "askWhyRefused" | "openSocket"> {
  onChange: (state: ConversationState) => void;
  newId: () => string;
}

/** A typed conversation in which the agent begins. */
export class TypedTalk {
  state: ConversationState = initialState;
  private readonly client: RealtimeClient;
  private readonly requests: ResponseRequests;

  constructor(private readonly parts: TalkParts) {
    this.client = new RealtimeClient({
      ...parts,
      model: "sales-agent",
      settings: () => sessionSettings("text", { language: null, eagerness: null }),
      onEvent: (event) => this.receive(event),
      onStatus: (status) => {
        this.dispatch({ type: "local.status", status });
        if (status.kind === "ready" && !status.resumed && this.state.entries.length === 0) this.requests.ask();
      },
      now: () => performance.now(),
      random: Math.random,
    });
    this.requests = new ResponseRequests((event) => this.client.send(event));
    this.client.connect();
  }

  get isBusy(): boolean {
    return this.state.response !== null || this.state.awaiting;
  }

  say(text: string): void {
    const id = this.parts.newId();
    this.dispatch({ type: "local.typed", id, text });
    this.client.send({
      type: "conversation.item.create",
      event_id: id,
      item: { id, type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
    this.requests.ask();
  }

  end(): void {
    this.requests.clear();
    this.client.close();
  }

  private receive(event: ServerEvent): void {
    this.requests.see(event);
    this.dispatch(event);
  }

  private dispatch(event: ServerEvent | LocalEvent): void {
    const next = reduce(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.parts.onChange(next);
  }
}
