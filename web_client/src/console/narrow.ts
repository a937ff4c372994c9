import { useSyncExternalStore } from "react";

/** Where columns are one below the other, as in parts.css. */
const QUERY = "(max-width: 900px)";

function subscribe(changed: () => void): () => void {
  const found = matchMedia(QUERY);
  found.addEventListener("change", changed);
  return () => found.removeEventListener("change", changed);
}

/** Whether there is room for one column alone. For what is in another order then, for the eye and the keyboard alike. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => matchMedia(QUERY).matches);
