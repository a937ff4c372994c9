import type { Contact } from "../api/types";

/** What a contact is called: its name, else how it is reached. */
export function nameOf({ first_name, last_name, email, phone }: Contact): string {
  return [first_name, last_name].filter(Boolean).join(" ") || email || phone || "Unnamed";
}
