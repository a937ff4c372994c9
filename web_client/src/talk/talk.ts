import "./talk.css";

/** The page's address may choose the look and the way in: `/talk?theme=dark&timings#key=ek_…`. */
const query = new URLSearchParams(location.search);
const fragment = new URLSearchParams(location.hash.slice(1));
const widget = document.createElement("sales-agent-widget");

widget.setAttribute("mode", "inline");
widget.setAttribute("heading", "Sales agent");
for (const name of ["agent", "theme", "timings", "language", "eagerness", "greet"]) {
  const value = query.get(name);
  if (value !== null) widget.setAttribute(name, value);
}
// In the fragment, as that is not sent to servers or written to their logs.
const key = fragment.get("key");
if (key) widget.setAttribute("api-key", key);

const theme = query.get("theme");
if (theme) document.documentElement.dataset.theme = theme;
document.querySelector("main")?.append(widget);
