-- What became of calls, counted by the hour they were asked for, as they end: a report of three months reads no calls
-- but those under way, which are few.

-- hour counts UTC's since 1970; in other zones hours begin with one of the four quarters, which are counted each. code
-- is '' where there is none.
CREATE TABLE call_sums (
    hour integer NOT NULL,
    status text NOT NULL,
    code text NOT NULL,
    quarter_1 integer NOT NULL,
    quarter_2 integer NOT NULL,
    quarter_3 integer NOT NULL,
    quarter_4 integer NOT NULL,
    PRIMARY KEY (hour, status, code)
)
-- Rows of the last hours change with every call, and no index holds what changes.
WITH (fillfactor = 50);

CREATE FUNCTION call_is_under_way(status text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT status IN ('queued', 'dialling', 'ringing', 'in_progress', 'unknown')
$$;

-- What one call adds; sign -1 takes it off again.
CREATE FUNCTION call_sum_of(at timestamptz, status text, code text, sign integer) RETURNS call_sums LANGUAGE sql
IMMUTABLE AS $$
    SELECT (quarter / 4)::integer, status, coalesce(code, ''),
        CASE quarter % 4 WHEN 0 THEN sign ELSE 0 END, CASE quarter % 4 WHEN 1 THEN sign ELSE 0 END,
        CASE quarter % 4 WHEN 2 THEN sign ELSE 0 END, CASE quarter % 4 WHEN 3 THEN sign ELSE 0 END
    FROM CAST(floor(extract(epoch FROM at) / 900) AS bigint) AS quarter
$$;

CREATE FUNCTION add_call(sums call_sums) RETURNS void LANGUAGE sql AS $$
    INSERT INTO call_sums SELECT sums.*
    ON CONFLICT (hour, status, code) DO UPDATE SET
        quarter_1 = call_sums.quarter_1 + excluded.quarter_1, quarter_2 = call_sums.quarter_2 + excluded.quarter_2,
        quarter_3 = call_sums.quarter_3 + excluded.quarter_3, quarter_4 = call_sums.quarter_4 + excluded.quarter_4
$$;

CREATE FUNCTION sum_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND NOT call_is_under_way(OLD.status) THEN
        PERFORM add_call(call_sum_of(OLD.created_at, OLD.status, OLD.code, -1));
    END IF;
    IF TG_OP <> 'DELETE' AND NOT call_is_under_way(NEW.status) THEN
        PERFORM add_call(call_sum_of(NEW.created_at, NEW.status, NEW.code, 1));
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER sum_new AFTER INSERT ON outbound_calls FOR EACH ROW EXECUTE FUNCTION sum_call();
CREATE TRIGGER sum_changed AFTER UPDATE OF status, code, created_at ON outbound_calls
    FOR EACH ROW WHEN ((OLD.status, OLD.code, OLD.created_at) IS DISTINCT FROM (NEW.status, NEW.code, NEW.created_at))
    EXECUTE FUNCTION sum_call();
CREATE TRIGGER sum_gone AFTER DELETE ON outbound_calls FOR EACH ROW EXECUTE FUNCTION sum_call();
