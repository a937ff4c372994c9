import type { Entry, Message } from "./state";

/** What was said, one line an utterance, for the clipboard. Of a reply that was cut only what was heard. */
export function transcriptText(entries: readonly Entry[], names: { user: string; assistant: string }): string {
  const lines = entries.flatMap((entry) => {
    if (entry.kind !== "message") return [];
    const text = heardPart(entry);
    return text ? [`${names[entry.role]}: ${text}`] : [];
  });
  return lines.join("\n");
}

function heardPart({ heardText, text, status }: Message): string {
  if (heardText === null) return text;
  return status === "incomplete" && heardText ? `${heardText} …` : heardText;
}
