export type Eagerness = "auto" | "low" | "medium" | "high";

export interface AgentQuestion {
  /** What the answer is kept under. */
  key: string;
  question: string;
  choices: string[];
}

/** Who the agent is, as a team writes it. */
export interface AgentFacts {
  name: string;
  company: string;
  greeting: string;
  about: string;
  rules: string[];
  questions: AgentQuestion[];
  qualifies: boolean;
  voice: string | null;
  speed: number;
  eagerness: Eagerness;
  /** A BCP 47 tag. */
  language: string;
  transfer_number: string | null;
  numbers: string[];
}

/** `version` 0: nothing was saved, the settings make it. */
export interface AgentProfile extends AgentFacts {
  slug: string;
  is_default: boolean;
  version: number;
  updated_at: string | null;
}

export interface AgentProfileVersion {
  version: number;
  saved_at: string;
  /** What the key is called. */
  saved_by: string | null;
  facts: AgentFacts;
}

export interface AgentProfileVersions {
  items: AgentProfileVersion[];
}

export interface AgentPreview {
  instructions: string;
  opening: string;
}

export interface Language {
  code: string;
  name: string;
}

export interface Languages {
  items: Language[];
}

export interface Voice {
  id: string;
  default: boolean;
}

export interface Voices {
  items: Voice[];
}
