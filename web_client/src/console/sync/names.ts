import type { Platform } from "../api/types";

export const PLATFORMS: Record<Platform, string> = { close: "Close", apollo: "Apollo", linkedin: "LinkedIn" };
