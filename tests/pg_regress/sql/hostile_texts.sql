-- Texts that a program might take for something else: quotes, backslashes, line ends, what stands for
-- parameters elsewhere, nothing at all. They go in and come out as they are.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('event', hogsend_event(E'it''s "q" \\ \n {s} $1 %s 🦔', within => '7 days')),
    ('property', hogsend_property(E'a"b\\c\n🦔', 'contains', E'"\\\n''🦔')),
    ('empty', hogsend_property('q', 'contains', ''));
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
SELECT E'u''"\\\n\t\r {s} $1 %I 🦔', E'it''s "q" \\ \n {s} $1 %s 🦔', '2026-01-01 12:00+00', E' X\n"''\\@🦔 ',
       jsonb_build_object(E'a"b\\c\n🦔', E'x"\\\n''🦔', 'q', '');
SELECT to_json(user_id) AS user_id, event, to_json(idempotency_key) AS idempotency_key FROM bucket_transitions ORDER BY id;
SELECT to_json(user_id) AS user_id, to_json(email) AS email FROM contacts;
SELECT b.id, e.path, e.condition, e.result, e.observed FROM buckets b, contacts c, hogsend_explain(b.id, c.user_id) e ORDER BY b.id, e.path;
SELECT b.id, hogsend_has(b.id, c.user_id), hogsend_matches(b.id, c.user_id) FROM buckets b, contacts c ORDER BY b.id;
-- A consumer of such a name, with such a filter.
SELECT hogsend_subscribe(E'c''"\\\n🦔', buckets => ARRAY[E'it''s"{},\\', 'event'], from_beginning => true);
SELECT event FROM hogsend_poll(E'c''"\\\n🦔');
-- White space is a user and an event like others. (Nothing at all is not: see ingest_nameless.)
INSERT INTO user_events (user_id, event, occurred_at, user_email) VALUES
    (' ', E'\t', '2026-01-01 12:00+00', ''), (' ', E'it''s "q" \\ \n {s} $1 %s 🦔', '2026-01-01 12:00+00', '   ');
SELECT event, user_id FROM bucket_transitions WHERE user_id = ' ';
SELECT user_id, email FROM contacts WHERE user_id = ' ';
INSERT INTO buckets (id, criteria) VALUES ('nameless', hogsend_event(''));
INSERT INTO buckets (id, criteria) VALUES ('nameless', hogsend_property('', 'exists'));
INSERT INTO buckets (id, criteria) VALUES ('', hogsend_event('x'));
INSERT INTO buckets (id, criteria) VALUES (E'a\nb', hogsend_event('x'));
SELECT hogsend_subscribe('');
SELECT hogsend_forget_user(c.user_id) > 0 AS forgotten FROM contacts c;
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
