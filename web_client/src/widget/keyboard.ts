/** What bars and rounding take of a window is less, and no keyboard. */
const LOWEST_PX = 100;

/**
 * Tells the style sheet what a phone's keyboard leaves to be seen: it covers the page without resizing it, and a panel at
 * the bottom with it. Returns its undo.
 */
export function aboveKeyboard(host: HTMLElement): () => void {
  const seen = window.visualViewport;
  if (!seen) return () => undefined;
  const suit = (): void => {
    // Who enlarges the page with two fingers sees less of it too, and wants it to lie still.
    const covered = seen.scale < 1.05 && innerHeight - seen.height > LOWEST_PX;
    host.toggleAttribute("data-keyboard", covered);
    host.style.setProperty("--seen-top", `${seen.offsetTop}px`);
    host.style.setProperty("--seen-height", `${seen.height}px`);
  };
  suit();
  const names = ["resize", "scroll"];
  for (const name of names) seen.addEventListener(name, suit);
  return () => {
    for (const name of names) seen.removeEventListener(name, suit);
  };
}
