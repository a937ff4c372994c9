import { capital } from "../parts";

/** An agent's name as a person writes it. */
export const agentName = (name: string): string => (name === "bdr" ? "BDR" : capital(name));
