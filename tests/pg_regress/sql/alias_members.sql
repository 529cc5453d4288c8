-- Whoever names an alias means the user: manual buckets, queries, and those who ask.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE vips (id text);
INSERT INTO vips VALUES ('visitor'), ('zoe'), ('tablet');
INSERT INTO contacts (user_id) VALUES ('ada'), ('zoe');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'ada'), ('tablet', 'bob'), ('watch', 'carol');
INSERT INTO buckets (id, kind) VALUES ('hand', 'manual');
INSERT INTO buckets (id, criteria) VALUES ('known', hogsend_everyone());
SELECT hogsend_add_member('hand', 'visitor') AS added, hogsend_add_member('hand', 'ada') AS again, hogsend_add_member('hand', 'phone') AS again;
-- Five names, two of them of one person who is in it: three are not.
SELECT hogsend_add_member('hand', ARRAY['visitor', 'phone', 'tablet', 'eve', 'watch']);
SELECT user_id, entry_count FROM bucket_members WHERE bucket_id = 'hand' ORDER BY 1;
SELECT hogsend_has('hand', 'visitor') AS visitor, hogsend_has('hand', 'ada') AS ada, hogsend_has('hand', 'tablet') AS tablet, hogsend_has('hand', 'zoe') AS zoe, hogsend_has('hand', 'nobody') AS nobody;
SELECT hogsend_remove_member('hand', 'phone');
SELECT hogsend_has('hand', 'visitor') AS visitor, hogsend_has('hand', 'ada') AS ada;
SELECT hogsend_remove_member('hand', ARRAY['tablet', 'bob', 'eve', 'visitor']);
SELECT user_id FROM bucket_members WHERE bucket_id = 'hand' ORDER BY 1;
-- A query that returns aliases: each user once, and those stay who are returned under another id.
INSERT INTO buckets (id, kind, query) VALUES ('vip', 'query', 'SELECT id FROM vips');
SELECT user_id, entry_count FROM bucket_members WHERE bucket_id = 'vip' ORDER BY 1;
INSERT INTO vips VALUES ('ada'), ('phone');
SELECT * FROM hogsend_refresh('vip');
DELETE FROM vips WHERE id IN ('ada', 'visitor');
SELECT * FROM hogsend_refresh('vip');
SELECT hogsend_matches('vip', 'ada') AS ada, hogsend_matches('vip', 'visitor') AS visitor, hogsend_matches('vip', 'watch') AS watch;
SELECT result, observed FROM hogsend_explain('vip', 'ada') WHERE path = '$';
SELECT * FROM hogsend_verify('vip');
DELETE FROM vips WHERE id = 'phone';
SELECT * FROM hogsend_refresh('vip');
SELECT user_id, entry_count FROM bucket_members WHERE bucket_id = 'vip' ORDER BY 1;
-- Those who ask.
INSERT INTO buckets (id, criteria) VALUES ('buyer', hogsend_event('bought'));
INSERT INTO user_events (user_id, event) VALUES ('phone', 'bought');
SELECT hogsend_matches('buyer', 'visitor') AS matches, hogsend_has('buyer', 'visitor') AS has;
SELECT path, condition, result FROM hogsend_explain('buyer', 'visitor') EXCEPT SELECT path, condition, result FROM hogsend_explain('buyer', 'ada');
SELECT count(*) > 0 AS explained FROM hogsend_explain('buyer', 'visitor') WHERE result;
SELECT user_id FROM contacts ORDER BY 1;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
DROP EXTENSION hogsend CASCADE;
DROP TABLE vips;
