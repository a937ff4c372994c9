-- What companies say in public: one look at a website serves everybody for a day, and each lead keeps what was found.
-- ``reading`` as the reader has it; ``is_whole``: another look soon would find no more.
CREATE TABLE social_readings (
    site text PRIMARY KEY,
    reading jsonb NOT NULL,
    is_whole boolean NOT NULL,
    read_at timestamptz NOT NULL
);

CREATE INDEX social_readings_by_age ON social_readings (read_at);

-- The website is the first of a lead's accounts.
CREATE TABLE social_accounts (
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    url text NOT NULL,
    site text NOT NULL,
    position smallint NOT NULL,
    network text NOT NULL,
    handle text NOT NULL,
    state text NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (lead_id, url)
);

CREATE TABLE social_posts (
    lead_id uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    url text NOT NULL,
    site text NOT NULL,
    network text NOT NULL,
    author text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    published_at timestamptz,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (lead_id, url)
);

CREATE INDEX social_posts_newest ON social_posts (lead_id, published_at DESC NULLS LAST);
