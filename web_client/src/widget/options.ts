import type { TurnDetection } from "../realtime/items";

type Eagerness = NonNullable<TurnDetection["eagerness"]>;
const EAGERNESS: readonly string[] = ["low", "medium", "high", "auto"];

/** What a page says in the attributes of the element. */
export interface WidgetOptions {
  server: string;
  apiKey: string | null;
  tokenUrl: string | null;
  model: string;
  bubble: boolean;
  heading: string | null;
  welcome: string | null;
  language: string | null;
  /** Null: as the agent is set to. */
  eagerness: Eagerness | null;
  /** The profile that talks, by its slug; null: the default one. */
  agent: string | null;
  greet: boolean;
  showTimings: boolean;
}

/** Reads the attributes; `scriptOrigin`: where the widget came from, which is the server unless one is named. */
export function readOptions(attribute: (name: string) => string | null, scriptOrigin: string): WidgetOptions {
  const eagerness = attribute("eagerness") ?? "";
  return {
    server: attribute("server") ?? scriptOrigin,
    apiKey: attribute("api-key"),
    tokenUrl: attribute("token-url"),
    model: attribute("model") ?? "sales-agent",
    bubble: attribute("mode") !== "inline",
    heading: attribute("heading"),
    welcome: attribute("welcome"),
    language: attribute("language"),
    eagerness: EAGERNESS.includes(eagerness) ? (eagerness as Eagerness) : null,
    agent: attribute("agent"),
    greet: attribute("greet") !== "off",
    showTimings: ![null, "off"].includes(attribute("timings")),
  };
}
