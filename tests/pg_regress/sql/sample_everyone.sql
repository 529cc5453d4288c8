-- Everyone, and a share of everyone that is drawn by lot and stays the same.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
-- The numbers are exact, and those of anybody's SHA-256.
SELECT hogsend_sample_of('holdout', 'u1'), hogsend_sample_of('', 'é'), hogsend_sample_of(NULL, 'u1');
SELECT bool_and(hogsend_sample_of('s', u) * 18446744073709551616 / 100
        = ('x' || encode(substring(sha256(convert_to('s', 'UTF8') || '\x00' || convert_to(u, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
        + ('x' || encode(substring(sha256(convert_to('s', 'UTF8') || '\x00' || convert_to(u, 'UTF8')) FROM 5 FOR 4), 'hex'))::bit(32)::bigint) AS exact
FROM generate_series(1, 1000) n, LATERAL (SELECT 'u' || n) AS s (u);
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 2000) n;
UPDATE contacts SET deleted_at = '2026-01-01' WHERE user_id = 'u7';
INSERT INTO buckets (id, criteria) VALUES
    ('all', hogsend_everyone()),
    ('tenth', hogsend_sample('holdout', 0, 10)),
    ('rest', hogsend_not(hogsend_sample('holdout', 0, 10))),
    ('other', hogsend_sample('another', 0, 10)),
    -- Never active is what nobody else than everyone could be: alone it would be refused.
    ('never_paid', hogsend_all(hogsend_everyone(), hogsend_event('paid', never => true))),
    ('quiet', hogsend_all(hogsend_everyone(), hogsend_not(hogsend_event('app.opened', within => '7 days'))));
SELECT bucket_id, count(*) FROM bucket_members GROUP BY 1 ORDER BY 1;
-- Whom the lot says, and no others.
SELECT count(*) FROM contacts c
WHERE c.deleted_at IS NULL
  AND (hogsend_sample_of('holdout', c.user_id) < 10) IS DISTINCT FROM hogsend_has('tenth', c.user_id);
SELECT count(*) FROM bucket_members t JOIN bucket_members r USING (user_id) WHERE t.bucket_id = 'tenth' AND r.bucket_id = 'rest';
-- Whoever is new is in it at once: by an event that nobody asks about, and by a row.
INSERT INTO user_events (user_id, event) VALUES ('new1', 'signup');
INSERT INTO contacts (user_id) VALUES ('new2');
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members WHERE user_id LIKE 'new%' GROUP BY 1 ORDER BY 1;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('new1', 'app.opened', '2026-01-01 12:00+00'), ('new1', 'paid', '2026-01-01 12:00+00');
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members WHERE user_id = 'new1';
SET hogsend.now = '2026-01-08 12:00:01+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members WHERE user_id = 'new1';
UPDATE contacts SET deleted_at = '2026-01-08' WHERE user_id = 'new2';
SELECT count(*) FROM bucket_members WHERE user_id = 'new2';
SELECT path, condition, result, observed FROM hogsend_explain('never_paid', 'new1') WHERE path LIKE '$%';
SELECT condition, result, observed FROM hogsend_explain('tenth', 'u1') WHERE path LIKE '$%';
SELECT matches FROM hogsend_preview(hogsend_sample('holdout', 50, 60.5));
SELECT b.id, (SELECT count(*) FROM hogsend_verify(b.id)) AS wrong FROM buckets b ORDER BY 1;
-- What is refused.
SELECT path, message, hint FROM hogsend_validate('{"type": "sample"}');
SELECT path, message, hint FROM hogsend_validate('{"type": "sample", "salt": 1, "from": -1, "to": 100.01}');
SELECT path, message, hint FROM hogsend_validate('{"type": "sample", "salt": "s", "from": 10, "to": 10.0, "percent": 1}');
SELECT path, message, hint FROM hogsend_validate('{"type": "sample", "salt": "s", "from": "10", "to": null}');
SELECT path, message, hint FROM hogsend_validate('{"type": "everyone", "salt": "s"}');
SELECT hogsend_sample('s', 10, 10);
SELECT hogsend_sample('s', 0, 'NaN');
SELECT hogsend_sample('s', NULL, 10);
