import composer from "./styles/composer.css?inline";
import panel from "./styles/panel.css?inline";
import responsive from "./styles/responsive.css?inline";
import theme from "./styles/theme.css?inline";
import transcript from "./styles/transcript.css?inline";

let sheet: CSSStyleSheet | null = null;

/** One style sheet for all widgets of a page; built this way it needs no leave of the page's policy. */
export function styleSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(theme + panel + transcript + composer + responsive);
  }
  return sheet;
}
