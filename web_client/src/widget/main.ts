import { SalesAgentWidget } from "./element";

const NAME = "sales-agent-widget";

if (!customElements.get(NAME)) customElements.define(NAME, SalesAgentWidget);

declare global {
  interface HTMLElementTagNameMap {
    "sales-agent-widget": SalesAgentWidget;
  }
}
