import type { Setup, SetupStep, SetupWay } from "../api/types";
import { engineName } from "../health/parts";
import { linkTo } from "../router";

type Name = SetupStep["name"];

export interface Taken {
  to: string;
  text: string;
}

interface Words {
  title: string;
  /** What it is for, and what does the work until then. */
  why: (using: string) => string;
  /** A page of the console where it is done. */
  page?: { link: string; name: string };
  /** A text to take elsewhere, and where to. */
  take?: (url: string) => Taken;
}

export const STEPS: Record<Name, Words> = {
  knowledge: {
    title: "Teach it what you sell",
    why: () => "Until it knows your product, it answers for a made-up one.",
    page: { link: linkTo("knowledge"), name: "Teach it" },
  },
  company: {
    title: "Say who the agent is",
    why: () => "Its name, your company, what it asks and what it never says; the next call is as you wrote it.",
    page: { link: linkTo("profile"), name: "Write it" },
  },
  models: {
    title: "Let it converse freely",
    why: (using) => `Until then: ${using}, by rules.`,
  },
  recognition: {
    title: "Have it understand every word",
    why: (using) => `Until then: ${using}, which understands far less.`,
  },
  voice: { title: "Give it a natural voice", why: (using) => `Until then: ${using}, which sounds like a machine.` },
  phone: {
    title: "Let it answer the telephone",
    why: () => "With a number at Twilio or at Telnyx; LiveKit does as well.",
  },
  calling: {
    title: "Let it call people",
    why: () => "Who agreed to it, within the hours, and nobody on the do-not-call list. By Twilio or by Telnyx.",
  },
  crm: {
    title: "Connect your CRM",
    why: () => "Contacts and the outcomes of calls are kept in step with Close.",
  },
  widget: {
    title: "Put it on your page",
    why: () => "Visitors talk or type; name the pages that may, such as https://www.example.com.",
    take: (url) => ({
      to: "Into your page goes",
      text: `<script src="${url}/widget.js" defer></script>\n<sales-agent-widget server="${url}"></sales-agent-widget>`,
    }),
  },
  invitations: {
    title: "Have it send invitations",
    why: () => "Whoever books a meeting gets it by e-mail, for their calendar.",
  },
};

export const CARRIERS: Record<SetupWay["carrier"], { name: string; take: (url: string) => Taken }> = {
  twilio: {
    name: "Twilio",
    take: (url) => ({
      to: "At Twilio, “A call comes in” of your number goes by HTTP POST to",
      text: `${url}/telephony/twilio/voice`,
    }),
  },
  telnyx: {
    name: "Telnyx",
    take: (url) => ({
      to: "At Telnyx, the webhooks of your Voice API application go to",
      text: `${url}/telephony/telnyx/calls`,
    }),
  },
};

/** What does the work until a step is done, in words. */
export const usedNow = ({ using }: SetupStep): string => (using ? engineName(using) : "Nothing");

/** The lines of `.env` that are lacked. */
export const linesOf = (missing: readonly string[]): string => missing.map((name) => `${name}=`).join("\n");

/** How many steps are done, of how many. */
export function progressOf({ items }: Setup): { done: number; all: number } {
  return { done: items.filter(({ done }) => done).length, all: items.length };
}
