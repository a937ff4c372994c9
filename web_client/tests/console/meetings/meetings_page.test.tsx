// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { Http } from "../../../src/console/api/http";
import type { Booking } from "../../../src/console/api/types";
import { byDay } from "../../../src/console/meetings/days";
import { MeetingsPage } from "../../../src/console/pages/meetings";
import { PageUnderTest } from "../page_under_test";

const MEETING: Booking = {
  id: "book_1",
  status: "booked",
  start: "2126-01-12T09:00:00Z",
  end: "2126-01-12T09:30:00Z",
  email: "ann@acme.com",
  name: "Ann Lee",
  company: "Acme",
  notes: "The phone system.",
  lead_id: "lead_1",
  conversation_id: "conv_1",
  invitation: "sent",
  invitation_error: null,
};
const FREE = { start: "2126-01-13T10:00:00Z", end: "2126-01-13T10:30:00Z" };

let meetings: Booking[];
let mayRead: boolean;

const page = new PageUnderTest(({ method, path }) => {
  if (!mayRead)
    return [403, { error: { code: "insufficient_permissions", message: "This key lacks the scope 'read'." } }];
  if (path.startsWith("/api/bookings/free")) return [200, { time_zone: "UTC", items: [FREE] }];
  if (method === "POST") return [201, MEETING];
  return [200, { items: meetings, next_cursor: null }];
});

beforeEach(() => {
  meetings = [MEETING];
  mayRead = true;
});

const open = (): Promise<void> => page.show(<MeetingsPage http={new Http("sk_1")} id={null} part={null} />);

it("shows who is met when, with what led to it, and moves the meeting of that person", async () => {
  await open();
  expect(page.text).toContain("Ann Lee, Acme");
  expect(page.text).toContain("30 min");
  expect(document.querySelector('a[href="#/conversations/conv_1"]')).not.toBeNull();
  await page.press("Move");
  await page.fill("When", FREE.start);
  await page.press("Move it");
  expect(page.changes).toEqual([
    {
      method: "POST",
      path: "/api/bookings",
      body: { start: FREE.start, duration_minutes: 30, lead_id: "lead_1", moves: "book_1" },
    },
  ]);
});

it("looks for free times no more where it may not", async () => {
  mayRead = false;
  await open();
  expect(page.text).not.toContain("Looking…");
  expect(page.text).toContain("insufficient_permissions");
});

it("says whose invitation did not go out, and of whose that is not known", async () => {
  await open();
  expect(page.text).not.toContain("mail to them");
  meetings = [
    { ...MEETING, id: "book_2", invitation: "failed", invitation_error: "mail_refused_550" },
    { ...MEETING, id: "book_3", invitation: "unknown", invitation_error: "mail_outcome_unknown" },
  ];
  await open();
  expect(page.text).toContain("did not go out: tell them. mail_refused_550");
  expect(page.text).toContain("Not known whether the mail to them went out");
});

it("calls a meeting off when the question is answered", async () => {
  await open();
  await page.press("Call off");
  expect(page.changes).toEqual([]);
  await page.press("Call it off");
  expect(page.changes.map(({ path }) => path)).toEqual(["/api/bookings/book_1/cancel"]);
});

it("says what to do where no meeting is coming", async () => {
  meetings = [];
  await open();
  expect(page.text).toContain("No meeting is coming.");
  expect(page.button("Book")?.disabled).toBe(true);
});

it("puts what begins on one day together", () => {
  const at = (day: number, hour: number): { start: string } => ({
    start: new Date(2026, 2, day, hour).toISOString(),
  });
  const days = byDay([at(1, 0), at(1, 23), at(2, 0)]);
  expect(days.map(({ items }) => items.length)).toEqual([2, 1]);
});
