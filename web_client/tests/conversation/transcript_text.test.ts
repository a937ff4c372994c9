import { expect, it } from "vitest";
import { newMessage } from "../../src/conversation/entries";
import { transcriptText } from "../../src/conversation/transcript_text";

it("has one line an utterance, and of a cut reply only what was heard", () => {
  const entries = [
    { ...newMessage("u1", "user", true), text: "How much?", status: "done" as const },
    { kind: "tool" as const, id: "c1", name: "search_crm", label: null, status: "completed" as const },
    {
      ...newMessage("a1", "assistant", true),
      text: "It costs ten dollars a seat.",
      heardText: "It costs ten",
      status: "incomplete" as const,
    },
    newMessage("u2", "user", true),
  ];
  expect(transcriptText(entries, { user: "You", assistant: "Agent" })).toBe("You: How much?\nAgent: It costs ten …");
});
