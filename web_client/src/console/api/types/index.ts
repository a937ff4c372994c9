/** What the server's REST doors take and give, by the names of `/api/openapi.json`; a test of the server compares. */

export * from "./agent_profiles";
export * from "./agents";
export * from "./call_lists";
export * from "./calls";
export * from "./campaigns";
export * from "./conversations";
export * from "./customers";
export * from "./erasures";
export * from "./knowledge";
export * from "./leads";
export * from "./page";
export * from "./reports";
export * from "./research";
export * from "./server";
export * from "./social";
export * from "./sync";
export * from "./webhooks";
