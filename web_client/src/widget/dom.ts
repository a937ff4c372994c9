type Child = Node | string | null;
type Properties = Record<string, string | boolean | null>;

/** Makes an element: attributes by name (true sets an empty one, null and false none), then children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function setAttributes(target: Element, attributes: Properties): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : value);
  }
}

/** Sets text only when it differs, so that nothing is laid out or announced for nothing. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

const SVG = "http://www.w3.org/2000/svg";

/** A 24 × 24 line icon from path data; decorative. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" });
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** A button with an icon and a name for screen readers and as its tooltip. */
export function iconButton(name: string, path: string, label: string, onPress: () => void): HTMLButtonElement {
  const button = element("button", { type: "button", class: `icon ${name}`, part: name }, icon(path));
  labelButton(button, label);
  button.addEventListener("click", onPress);
  return button;
}

export function labelButton(button: HTMLElement, label: string): void {
  setAttributes(button, { "aria-label": label, title: label });
}
