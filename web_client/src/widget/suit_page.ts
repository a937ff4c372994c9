/**
 * What the widget takes over from the page it is on: whether that is light or dark, where the page says it is but one of
 * them. And what it does not: a page that is zoomed by its styles would push a bubble's panel off the screen.
 */
export function suitPage(host: HTMLElement): void {
  const page = host.parentElement ?? document.documentElement;
  const scheme = getComputedStyle(page).colorScheme.replace("only", "").trim();
  if (scheme === "dark" || scheme === "light") host.dataset.page = scheme;
  else delete host.dataset.page;
  const { currentCSSZoom: zoom = 1 } = page as Element & { currentCSSZoom?: number };
  host.style.setProperty("--page-unzoom", String(1 / zoom));
}
