import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/navigation.css";
import "./styles/table.css";
import "./styles/health.css";
import "./styles/conversations.css";
import "./styles/charts.css";
import "./styles/sync.css";
import "./styles/pages.css";
import "./styles/campaigns.css";
import "./styles/research.css";
import "./styles/calls.css";
import "./styles/meetings.css";
import "./styles/setup.css";

const root = document.getElementById("console");
if (root) createRoot(root).render(<App />);
