import type { ConversationItem } from "../api/types";

/** How far a piece of a reply came on its way to the caller's ear. */
export type Reach = "heard" | "sent" | "synthesised" | "generated";

export interface Piece {
  reach: Reach;
  text: string;
}

/** The reply as generated, cut into pieces by how far each came. Words are compared in order. */
export function piecesOf(
  item: Pick<ConversationItem, "generated_text" | "synthesised_text" | "sent_text" | "heard_text">,
): Piece[] {
  const generated = words(item.generated_text || item.heard_text);
  const reached: [Reach, Set<number>][] = [
    ["heard", matched(generated, words(item.heard_text))],
    ["sent", matched(generated, words(item.sent_text))],
    ["synthesised", matched(generated, words(item.synthesised_text))],
  ];
  const pieces: Piece[] = [];
  generated.forEach((word, index) => {
    const reach = reached.find(([, indices]) => indices.has(index))?.[0] ?? "generated";
    const last = pieces.at(-1);
    if (last?.reach === reach) last.text += ` ${word}`;
    else pieces.push({ reach, text: word });
  });
  return pieces;
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Indices of `full` that belong to a longest common subsequence with `part`. */
function matched(full: string[], part: string[]): Set<number> {
  const width = part.length + 1;
  const lengths = new Uint16Array((full.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] as number;
  for (let i = full.length - 1; i >= 0; i--) {
    for (let j = part.length - 1; j >= 0; j--) {
      lengths[i * width + j] = full[i] === part[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const indices = new Set<number>();
  for (let i = 0, j = 0; i < full.length && j < part.length; ) {
    if (full[i] === part[j]) {
      indices.add(i++);
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return indices;
}
