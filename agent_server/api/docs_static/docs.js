/** The documentation: renders /api/openapi.json and lets every address be tried. Everything shown is set as text. */

const KEY = "sales-agent-docs-key";
const METHODS = ["get", "post", "put", "patch", "delete"];

const main = document.querySelector("#main");
const contents = document.querySelector("#contents");
const keyInput = document.querySelector("#key");
const keyState = document.querySelector("#key-state");

/** An element with attributes and children; strings become text, never markup. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** `code` between backticks, beside paragraphs all the Markdown that the document uses. */
const inline = (text) => text.split("`").map((piece, i) => (i % 2 ? el("code", {}, piece) : piece));

const prose = (text) => (text ? text.split(/\n\n+/).map((paragraph) => el("p", {}, ...inline(paragraph))) : []);

function resolve(document_, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? document_.components.schemas[name] : (schema ?? {});
}

function typeName(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map((part) => typeName(part)).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `list of ${schema.items ? typeName(schema.items) : "anything"}`;
  return [schema.type ?? "anything", schema.format].filter(Boolean).join(", ");
}

/** An example value of a schema: what a body starts from. */
function example(document_, schema, depth = 0) {
  const resolved = resolve(document_, schema);
  if ("default" in resolved && resolved.default !== null) return resolved.default;
  if (resolved.anyOf) return "default" in resolved ? resolved.default : example(document_, resolved.anyOf[0], depth);
  if (resolved.enum) return resolved.enum[0];
  if (resolved.type === "object") {
    if (depth > 4) return {};
    const required = new Set(resolved.required ?? []);
    const shown = Object.entries(resolved.properties ?? {}).filter(([name, field]) => required.has(name) || field.default !== null);
    return Object.fromEntries(shown.map(([name, field]) => [name, example(document_, field, depth + 1)]));
  }
  if (resolved.type === "array") return [];
  return { string: "", integer: 0, number: 0, boolean: false }[resolved.type] ?? null;
}

function limits(schema) {
  const words = [];
  if (schema.minimum != null || schema.maximum != null) words.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
  if (schema.maxLength != null) words.push(`at most ${schema.maxLength} characters`);
  if (schema.default != null) words.push(`default ${JSON.stringify(schema.default)}`);
  return words.join(", ");
}

/** The names of the schemas that a schema refers to directly. */
function referred(schema) {
  if (schema.$ref) return [schema.$ref.split("/").pop()];
  const parts = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])];
  return parts.filter((part) => part && typeof part === "object").flatMap(referred);
}

function row(name, schema, required, description) {
  const about = [description, limits(schema)].filter(Boolean).join(". ");
  return el(
    "tr",
    {},
    el("td", {}, name),
    el("td", {}, typeName(schema), required ? "" : el("span", { class: "soft" }, " optional")),
    el("td", { class: "soft" }, ...inline(about)),
  );
}

const table = (rows) => (rows.length ? [el("table", {}, el("tbody", {}, ...rows))] : []);

/** The fields of an object, a row each; objects inside it fold out below, each once. */
function fieldTable(document_, schema, shown = new Set()) {
  const resolved = resolve(document_, schema);
  const required = new Set(resolved.required ?? []);
  const fields = Object.entries(resolved.properties ?? {});
  const rows = fields.map(([name, field]) => row(name, field, required.has(name), field.description));
  const inside = [...new Set(fields.flatMap(([, field]) => referred(field)))].filter((name) => !shown.has(name));
  for (const name of inside) shown.add(name);
  const folded = inside.map((name) =>
    el(
      "details",
      { class: "inner" },
      el("summary", {}, name),
      ...fieldTable(document_, { $ref: `#/components/schemas/${name}` }, shown),
    ),
  );
  return [...prose(resolved.description), ...table(rows), ...folded];
}

function bodySchema(operation) {
  return operation.requestBody?.content["application/json"]?.schema ?? null;
}

/** The answers with what they hold, and the refusals, which all look alike, in a few lines. */
function replySection(document_, operation) {
  const answers = [];
  const refusals = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = response.content?.["application/json"]?.schema;
    if (schema?.$ref?.endsWith("/ErrorBody")) {
      refusals.push(el("tr", {}, el("td", {}, status), el("td", {}, ...inline(response.description))));
    } else {
      answers.push(el("h3", {}, `${status} ${response.description}`), ...(schema ? fieldTable(document_, schema) : []));
    }
  }
  return [...answers, ...(refusals.length ? [el("h3", {}, "Refusals"), ...table(refusals)] : [])];
}

async function show(response, started, output) {
  const took = `${Math.round(performance.now() - started)} ms`;
  const status = el("span", { class: `status ${response.ok ? "good" : "bad"}` }, `${response.status} ${response.statusText}`);
  const line = el("div", { class: "actions" }, status, el("span", { class: "soft" }, took));
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("audio/")) {
    const url = URL.createObjectURL(await response.blob());
    output.replaceChildren(line, el("audio", { controls: true, src: url }));
    return;
  }
  const text = await response.text();
  let shown = text;
  if (type.includes("json")) {
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      shown = text;
    }
  }
  output.replaceChildren(line, ...(shown ? [el("pre", {}, el("code", {}, shown))] : []));
}

function requestOf(path, method, inputs, body) {
  const query = new URLSearchParams();
  let address = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value !== "") query.set(parameter.name, input.value);
  }
  const headers = {};
  if (keyInput.value) headers.Authorization = `Bearer ${keyInput.value}`;
  if (body) headers["Content-Type"] = "application/json";
  const search = query.size ? `?${query}` : "";
  return [address + search, { method: method.toUpperCase(), headers, body: body?.value }];
}

function inputOf(parameter) {
  const { schema } = parameter;
  const id = `p${Math.random().toString(36).slice(2)}`;
  const input = schema.enum
    ? el("select", { id }, el("option", { value: "" }, "any"), ...schema.enum.map((value) => el("option", { value }, value)))
    : el("input", { id, placeholder: schema.default ?? "", required: parameter.in === "path", spellcheck: "false" });
  return { parameter, input, row: el("div", { class: "field" }, el("label", { for: id }, parameter.name), input) };
}

function tryForm(document_, path, method, operation) {
  const schema = bodySchema(operation);
  const inputs = operation.parameters.map(inputOf);
  const body = schema && el("textarea", { "aria-label": "Body", spellcheck: "false" });
  if (body) body.value = JSON.stringify(example(document_, schema), null, 2);
  const output = el("div", { "aria-live": "polite" });
  const send = el("button", { type: "submit" }, "Send");
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    const started = performance.now();
    try {
      await show(await fetch(...requestOf(path, method, inputs, body)), started, output);
    } catch {
      output.replaceChildren(el("p", { class: "status bad" }, "The server did not answer."));
    } finally {
      send.disabled = false;
    }
  };
  const rows = inputs.map(({ row }) => row);
  return el("form", { onsubmit: submit, autocomplete: "off" }, ...rows, body, el("div", { class: "actions" }, send), output);
}

function endpointView(document_, path, method, operation) {
  const id = operation.operationId;
  const scope = operation.security?.[0] && Object.values(operation.security[0])[0]?.[0];
  const summary = el(
    "summary",
    {},
    el("span", { class: `method ${method}` }, method.toUpperCase()),
    el("span", { class: "path" }, path),
    el("span", { class: "what" }, operation.summary),
  );
  const schema = bodySchema(operation);
  const canTry = !("101" in operation.responses);
  return el(
    "details",
    { class: "endpoint", id },
    summary,
    el(
      "div",
      { class: "inside" },
      ...prose(operation.description),
      el("p", { class: "soft" }, scope ? `Takes a key with the scope ${scope}.` : "Takes no key."),
      ...(operation.parameters.length ? [el("h3", {}, "Parameters"), ...parameterTable(operation)] : []),
      ...(schema ? [el("h3", {}, "Body"), ...fieldTable(document_, schema)] : []),
      ...(canTry ? [el("h3", {}, "Try it"), tryForm(document_, path, method, operation)] : []),
      ...replySection(document_, operation),
    ),
  );
}

function parameterTable(operation) {
  return table(
    operation.parameters.map(({ name, schema, required, description }) =>
      row(name, schema, required, description),
    ),
  );
}

/** What the server sends: an event with the fields of its data, and a whole body. */
function eventView(document_, type, operation) {
  const { schema, example } = operation.requestBody.content["application/json"];
  return el(
    "details",
    { class: "endpoint", id: operation.operationId },
    el(
      "summary",
      {},
      el("span", { class: "method sent" }, "SENT"),
      el("span", { class: "path" }, type),
      el("span", { class: "what" }, ...inline(operation.summary)),
    ),
    el(
      "div",
      { class: "inside" },
      el("h3", {}, "Headers"),
      ...parameterTable(operation),
      el("h3", {}, "Data"),
      ...fieldTable(document_, schema.properties.data),
      el("h3", {}, "Example"),
      el("pre", {}, el("code", {}, JSON.stringify(example, null, 2))),
    ),
  );
}

const eventsOf = (document_, tag) =>
  Object.entries(document_.webhooks ?? {})
    .map(([type, item]) => ({ type, operation: item.post }))
    .filter(({ operation }) => operation.tags.includes(tag));

function operationsOf(document_, tag) {
  return Object.entries(document_.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]?.tags.includes(tag)).map((method) => ({ path, method, operation: item[method] })),
  );
}

function render(document_) {
  document.querySelector("#title").textContent = `${document_.info.title} API`;
  const sections = document_.tags.map(({ name, description }) => {
    const operations = operationsOf(document_, name);
    const events = eventsOf(document_, name);
    contents.append(
      el("h2", {}, name),
      ...operations.map(({ operation }) => el("a", { href: `#${operation.operationId}` }, operation.summary)),
      ...events.map(({ type, operation }) => el("a", { href: `#${operation.operationId}` }, type)),
    );
    return el(
      "section",
      {},
      el("h2", {}, name),
      el("p", { class: "soft" }, description),
      ...operations.map(({ path, method, operation }) => endpointView(document_, path, method, operation)),
      ...events.map(({ type, operation }) => eventView(document_, type, operation)),
    );
  });
  const title = el("h1", {}, `${document_.info.title} API`);
  const source = el("p", { class: "soft" }, `Version ${document_.info.version} · `, el("a", { href: "/api/openapi.json" }, "openapi.json"));
  main.replaceChildren(title, ...prose(document_.info.description), source, ...sections);
}

/** Opens the address that the link names. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}

async function checkKey() {
  keyState.textContent = "";
  if (!keyInput.value) return;
  const response = await fetch("/api/conversations?limit=1", { headers: { Authorization: `Bearer ${keyInput.value}` } }).catch(() => null);
  if (response) keyState.textContent = response.status === 401 ? "wrong" : response.status === 429 ? "wait" : "good";
}

keyInput.value = sessionStorage.getItem(KEY) ?? "";
keyInput.addEventListener("change", () => {
  sessionStorage.setItem(KEY, keyInput.value);
  void checkKey();
});
document.querySelector("#key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keyInput.dispatchEvent(new Event("change"));
});
window.addEventListener("hashchange", openTarget);

try {
  render(await (await fetch("/api/openapi.json")).json());
  openTarget();
  void checkKey();
} catch {
  main.replaceChildren(el("p", { class: "status bad" }, "The documentation could not be loaded."));
}
