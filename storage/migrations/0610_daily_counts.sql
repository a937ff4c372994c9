-- What this product allows itself in a day where no vendor keeps the count, such as profiles read through a browser. By
-- UTC days.
CREATE TABLE daily_counts (
    name text NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (name, day)
);
