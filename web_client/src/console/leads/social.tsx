import { type ReactElement, useCallback, useState } from "react";
import { useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { LeadSocial, SocialAccount, SocialPost } from "../api/types";
import { Ago } from "../moment";
import { Card, Empty, Problem } from "../parts";
import { safeLink } from "../research/names";

const NETWORKS: Record<SocialAccount["network"], string> = {
  website: "Website",
  feed: "Blog",
  linkedin: "LinkedIn",
  x: "X",
  facebook: "Facebook",
  instagram: "Instagram",
  youtube: "YouTube",
  tiktok: "TikTok",
  github: "GitHub",
  bluesky: "Bluesky",
  mastodon: "Mastodon",
  threads: "Threads",
  reddit: "Reddit",
};

const STATES: Record<SocialAccount["state"], string | null> = {
  read: null,
  found: null,
  searched: "as a web search knows it",
  login: "shows its posts to who signs in",
  not_allowed: "does not want to be read by programs",
  busy: "asked to be left alone for a while",
  unavailable: "did not answer",
};

const SHOWN = 5;

/** The server answers within ten seconds. */
const LOOK_MS = 15_000;

/** What a lead's company posted lately, and where it has accounts. */
export function Social({ http, id }: { http: Http; id: string }): ReactElement {
  const [social, setSocial] = useState<LeadSocial | null>(null);
  const path = `/api/leads/${encodeURIComponent(id)}/social`;
  const load = useLoad(
    useCallback(async () => {
      setSocial(await http.get<LeadSocial>(path, { limit: SHOWN }));
    }, [http, path]),
  );
  const look = useAction(async () => {
    setSocial(await http.post<LeadSocial>(path, {}, LOOK_MS));
  });
  return (
    <Card
      title="What they say in public"
      aside={
        <button type="button" disabled={look.busy} onClick={() => void look.run()}>
          {look.busy ? "Looking…" : "Look now"}
        </button>
      }
    >
      <Problem error={look.error ?? load.error} />
      {social && (social.looked_at ? <Found social={social} /> : <Empty title="Nobody looked yet." />)}
    </Card>
  );
}

function Found({ social }: { social: LeadSocial }): ReactElement {
  return (
    <div className="social">
      {social.posts.length === 0 && <p>Nothing that can be read without a login.</p>}
      {social.posts.length > 0 && (
        <ul aria-label="Posts">
          {social.posts.slice(0, SHOWN).map((post) => (
            <li key={post.url}>
              <Post post={post} />
            </li>
          ))}
        </ul>
      )}
      <p>
        {social.accounts.map((account) => (
          <span key={account.url} className="source">
            <Account account={account} />
          </span>
        ))}
      </p>
      {social.looked_at && (
        <small>
          Looked <Ago moment={social.looked_at} />
        </small>
      )}
    </div>
  );
}

function Post({ post }: { post: SocialPost }): ReactElement {
  const link = safeLink(post.url);
  const said = post.title || post.text;
  return (
    <>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer nofollow">
          {said}
        </a>
      ) : (
        said
      )}{" "}
      <small>
        {NETWORKS[post.network]}
        {post.published_at && (
          <>
            {" · "}
            <Ago moment={post.published_at} />
          </>
        )}
      </small>
    </>
  );
}

function Account({ account }: { account: SocialAccount }): ReactElement {
  const link = safeLink(account.url);
  const state = STATES[account.state];
  const name = NETWORKS[account.network];
  return (
    <>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer nofollow" title={account.handle}>
          {name}
        </a>
      ) : (
        name
      )}
      {state && <small> ({state})</small>}
    </>
  );
}
