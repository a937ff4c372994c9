export interface SocialAccount {
  network:
    | "website"
    | "feed"
    | "linkedin"
    | "x"
    | "facebook"
    | "instagram"
    | "youtube"
    | "tiktok"
    | "github"
    | "bluesky"
    | "mastodon"
    | "threads"
    | "reddit";
  handle: string;
  url: string;
  state: "found" | "read" | "searched" | "login" | "not_allowed" | "busy" | "unavailable";
  fetched_at: string;
}

export interface SocialPost {
  network: SocialAccount["network"];
  author: string;
  url: string;
  title: string;
  text: string;
  published_at: string | null;
  fetched_at: string;
}

export interface LeadSocial {
  accounts: SocialAccount[];
  posts: SocialPost[];
  looked_at: string | null;
}
