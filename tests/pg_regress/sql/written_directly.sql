-- A few stays, transitions and timers are written without SQL where storing a row is all that there is to do,
-- and in SQL where the user has asked for more. What is written is the same.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
SET hogsend.test_no_direct = off;
INSERT INTO buckets (id, criteria, max_dwell) VALUES
    ('came', hogsend_event('come', within => '1 day'), NULL),
    ('stays', hogsend_all(hogsend_event('come'), hogsend_event('go', never => true)), '30 days');

-- Which writes this session has planned.
CREATE FUNCTION planned() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT substring(ident FROM '^\s*((?:INSERT INTO|UPDATE|DELETE FROM) \S+)')
    FROM pg_backend_memory_contexts
    WHERE name = 'CachedPlanSource' AND ident ~ '^\s*(INSERT INTO public\.bucket_(memberships|transitions|timers)|UPDATE public\.bucket_memberships)' ORDER BY 1 $$;
CREATE FUNCTION written(of_user text) RETURNS TABLE (n bigint, what text) LANGUAGE sql AS $$
    SELECT row_number() OVER (), w.what FROM (
        SELECT concat_ws(' ', 'stay', m.bucket_id, m.entry_count, m.status, m.entered_at, m.left_at, m.left_reason, m.source, m.max_dwell_at,
                         m.dwell_anchor_at, m.dwell_counts, m.announced, m.left_announced) AS what
        FROM bucket_memberships m WHERE m.user_id = of_user
        UNION ALL
        SELECT concat_ws(' ', 'transition', t.event, t.bucket_id, t.transition, t.entry_count, t.reason, t.source, t.dwell_label, t.dwell_count,
                         t.effective_at, t.recorded_at, replace(t.idempotency_key, of_user, 'USER'),
                         t.xid IS NOT NULL AND t.id <= (SELECT max(id) FROM bucket_transitions))
        FROM bucket_transitions t WHERE t.user_id = of_user
        UNION ALL
        SELECT concat_ws(' ', 'timer', r.bucket_id, r.due_at, r.silent, r.failures, coalesce(r.error, 'no error'), r.muted)
        FROM bucket_timers r WHERE r.user_id = of_user) w
    ORDER BY w.what $$;

-- The tables as they are.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('plain', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('plain', 'go', '2026-01-10 12:00+00');
SELECT planned();
SELECT what FROM written('plain');
-- The same in SQL.
SET hogsend.test_no_direct = on;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('sql', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('sql', 'go', '2026-01-10 12:00+00');
SET hogsend.test_no_direct = off;
SELECT DISTINCT planned();
CREATE VIEW differences AS
    SELECT u.name, coalesce(a.what, b.what) AS what, a.what IS NULL AS is_missing
    FROM unnest('{plain,column,dropped,index,constraint,trigger}'::text[]) u (name)
    CROSS JOIN LATERAL (SELECT * FROM written('sql') a FULL JOIN written(u.name) b USING (what)) x (what, n, m)
    CROSS JOIN LATERAL (SELECT CASE WHEN x.n IS NOT NULL THEN x.what END) b (what)
    CROSS JOIN LATERAL (SELECT CASE WHEN x.m IS NOT NULL THEN x.what END) a (what)
    WHERE (x.n IS NULL) <> (x.m IS NULL);
SELECT * FROM differences WHERE name = 'plain';
-- What stands in the indexes is what stands in the tables.
SET enable_seqscan = off;
SELECT count(*) FROM bucket_memberships WHERE user_id = 'plain' AND bucket_id >= '' AND entry_count = 1;
SELECT bucket_id FROM bucket_memberships WHERE user_id = 'plain' AND status = 'active';
SELECT user_id FROM bucket_memberships WHERE bucket_id = 'stays' AND status = 'active';
SELECT count(*) FROM bucket_transitions WHERE user_id = 'plain';
SELECT count(*) FROM bucket_timers WHERE due_at > '2026-01-01';
RESET enable_seqscan;

-- A column of the user's own, with a value of its own.
ALTER TABLE bucket_memberships ADD COLUMN note text NOT NULL DEFAULT 'noted';
ALTER TABLE bucket_transitions ADD COLUMN note text DEFAULT 'noted';
ALTER TABLE bucket_timers ADD COLUMN noted_at timestamptz GENERATED ALWAYS AS (due_at) STORED;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('column', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('column', 'go', '2026-01-10 12:00+00');
SELECT m.note, t.note, r.noted_at = r.due_at FROM bucket_memberships m
    JOIN bucket_transitions t USING (user_id, bucket_id) JOIN bucket_timers r USING (user_id, bucket_id) WHERE user_id = 'column' AND bucket_id = 'came';
SELECT * FROM differences WHERE name = 'column';
-- Columns that are gone again, and one that may be empty.
ALTER TABLE bucket_memberships DROP COLUMN note, ADD COLUMN remark text;
ALTER TABLE bucket_transitions DROP COLUMN note, ADD COLUMN remark text;
ALTER TABLE bucket_timers DROP COLUMN noted_at;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('dropped', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('dropped', 'go', '2026-01-10 12:00+00');
SELECT * FROM differences WHERE name = 'dropped';
-- Indexes of the user's own: of another kind, over an expression, of some rows.
CREATE INDEX ON bucket_memberships USING hash (source);
CREATE INDEX ON bucket_transitions (upper(reason));
CREATE INDEX by_reason ON bucket_memberships (left_reason) WHERE left_reason IS NOT NULL;
CREATE INDEX ON bucket_timers (bucket_id, due_at);
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('index', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('index', 'go', '2026-01-10 12:00+00');
SELECT * FROM differences WHERE name = 'index';
SET enable_seqscan = off;
SELECT count(*) FROM bucket_memberships WHERE source = 'event' AND user_id = 'index';
SELECT count(*) FROM bucket_transitions WHERE upper(reason) = 'CRITERIA' AND user_id = 'index';
SELECT count(*) FROM bucket_memberships WHERE left_reason IS NOT NULL AND user_id = 'index';
SELECT count(*) FROM bucket_timers WHERE bucket_id = 'came' AND due_at > '2026-01-01' AND user_id = 'index';
RESET enable_seqscan;
DROP INDEX bucket_memberships_source_idx, bucket_transitions_upper_idx, by_reason;
-- Constraints of the user's own.
ALTER TABLE bucket_memberships ADD CONSTRAINT no_strangers CHECK (user_id NOT LIKE 'strange%');
ALTER TABLE bucket_transitions ADD CONSTRAINT no_aliens CHECK (user_id NOT LIKE 'alien%');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('constraint', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('constraint', 'go', '2026-01-10 12:00+00');
SELECT * FROM differences WHERE name = 'constraint';
\set VERBOSITY terse
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('strange', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('alien', 'come', '2026-01-10 12:00+00');
ALTER TABLE bucket_memberships DROP CONSTRAINT no_strangers;
ALTER TABLE bucket_transitions DROP CONSTRAINT no_aliens;
-- Triggers.
CREATE TABLE log (said text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.log VALUES (concat_ws(' ', TG_WHEN, TG_OP, TG_TABLE_NAME)); RETURN NEW; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON bucket_memberships FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note BEFORE INSERT ON bucket_transitions FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER INSERT OR UPDATE ON bucket_timers FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('trigger', 'come', '2026-01-10 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('trigger', 'go', '2026-01-10 12:00+00');
SELECT * FROM differences WHERE name = 'trigger';
SELECT said, count(*) FROM log GROUP BY 1 ORDER BY 1;
DROP FUNCTION note() CASCADE;
-- A unique index of the user's own, by which there is a row already: nobody joins, and nothing fails.
CREATE UNIQUE INDEX only_one ON bucket_memberships (user_id) WHERE status = 'active';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('unique', 'come', '2026-01-10 12:00+00');
SELECT what FROM written('unique');
DROP INDEX only_one;
DELETE FROM bucket_memberships;
CREATE UNIQUE INDEX only_once ON bucket_memberships (user_id, entry_count);
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('once', 'come', '2026-01-10 12:00+00');
SELECT what FROM written('once');
SET enable_seqscan = off;
SELECT count(*) FROM bucket_memberships WHERE user_id = 'once' AND entry_count = 1;
RESET enable_seqscan;
SELECT count(*) FROM bucket_memberships;
