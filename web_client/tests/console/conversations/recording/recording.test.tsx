// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { Http } from "../../../../src/console/api/http";
import { ConversationDetail } from "../../../../src/console/conversations/detail";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

const TEXTS = { generated_text: "Ten dollars", synthesised_text: "Ten dollars", sent_text: "Ten dollars" };
const CONVERSATION = {
  id: "conv_1",
  channel: "phone",
  status: "closed",
  created_at: "2026-01-12T09:00:00Z",
  ended_at: "2026-01-12T09:02:05Z",
  lead_id: null,
  company_name: null,
  contact_name: null,
  metadata: {},
  outcomes: [],
  acts: [],
  turns: [],
  items: [{ ...TEXTS, id: "a1", type: "message", role: "assistant", heard_text: "Ten dollars", intent: null }],
  recordings: [{ id: "rec_1", state: "ready", error_code: null, duration_ms: 8000 }],
};
const OUTLINE = {
  duration_ms: 8000,
  caller: [0, 9],
  agent: [80, 0],
  passages: [
    {
      item_id: "a1",
      start_ms: 2000,
      end_ms: 3000,
      word_ends: [
        [2400, 3],
        [3000, 11],
      ],
    },
  ],
};

it("plays from an item, lights the word that is heard, and deletes after asking", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    if (init.method === "DELETE") return new Response(null, { status: 204 });
    if (path.includes("/outline")) return Response.json(OUTLINE);
    if (path.includes("/link")) return Response.json({ url: "/api/recordings/audio?key=k" });
    return Response.json(CONVERSATION);
  });
  const play = vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  const root = createRoot(place);
  await act(async () => root.render(<ConversationDetail http={new Http("sk_1")} id="conv_1" part={null} />));
  await act(async () => {});
  const audio = place.querySelector("audio") as HTMLAudioElement;
  expect(audio.getAttribute("src")).toBe("/api/recordings/audio?key=k");
  expect(place.querySelectorAll(".lane").length).toBe(2);
  const listen = place.querySelector(".listen") as HTMLButtonElement;
  expect(listen.textContent).toContain("0:02");
  await act(async () => listen.click());
  expect(audio.currentTime).toBe(2);
  expect(play).toHaveBeenCalled();
  expect(place.querySelector('li[data-heard="true"] mark')?.textContent).toBe("Ten");
  const button = (text: string): HTMLButtonElement =>
    [...place.querySelectorAll("button")].find((one) => one.textContent === text) as HTMLButtonElement;
  await act(async () => button("Delete recording").click());
  expect(asked.some((line) => line.startsWith("DELETE"))).toBe(false);
  await act(async () => button("Delete").click());
  expect(asked).toContain("DELETE /api/conversations/conv_1/audio");
  act(() => root.unmount());
});
