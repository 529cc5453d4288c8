-- Buckets in buckets: what a definition may name, and what may not be deleted.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('a', hogsend_in_bucket('b'));
SELECT * FROM hogsend_validate(hogsend_all(hogsend_everyone(), hogsend_in_bucket('b'), hogsend_not(hogsend_in_bucket('c'))));
SELECT * FROM hogsend_validate('{"type":"bucket"}');
SELECT * FROM hogsend_validate('{"type":"bucket","bucket":"b","member":"yes","for":{"months":1},"since":1}');
-- Nothing but what somebody must not be in.
SELECT path, message FROM hogsend_validate(hogsend_in_bucket('b', member => false));
SELECT path, message FROM hogsend_validate(hogsend_not(hogsend_in_bucket('b')));
SELECT hogsend_in_bucket(NULL);
SELECT hogsend_in_bucket('b', interval '1 month');
-- In one statement, in any order.
INSERT INTO buckets (id, criteria) VALUES ('a', hogsend_in_bucket('b')), ('b', hogsend_in_bucket('c')), ('c', hogsend_event('e'));
SELECT * FROM hogsend_dependencies();
-- Circles, written out.
UPDATE buckets SET criteria = hogsend_in_bucket('a') WHERE id = 'c';
UPDATE buckets SET criteria = hogsend_any(hogsend_event('e'), hogsend_in_bucket('c')) WHERE id = 'c';
INSERT INTO buckets (id, criteria) VALUES ('d', hogsend_in_bucket('e')), ('e', hogsend_all(hogsend_in_bucket('a'), hogsend_in_bucket('d')));
SELECT id, depends_on FROM buckets ORDER BY id;
-- What others name stays.
DELETE FROM buckets WHERE id = 'c';
DELETE FROM buckets WHERE id IN ('b', 'c');
UPDATE buckets SET id = 'bb' WHERE id = 'b';
TRUNCATE buckets;
INSERT INTO buckets (id, criteria) VALUES ('a', hogsend_in_bucket('b')), ('b', hogsend_in_bucket('c')), ('c', hogsend_event('e'));
DELETE FROM buckets;
-- Unless it names them no more.
INSERT INTO buckets (id, criteria) VALUES ('a', hogsend_in_bucket('b')), ('b', hogsend_event('e'));
UPDATE buckets SET criteria = hogsend_event('e') WHERE id = 'a';
DELETE FROM buckets WHERE id = 'b';
SELECT id, depends_on FROM buckets;
-- Another way to write it is no change; a disabled one is held to the same.
SELECT hogsend_define_bucket('b', kind => 'manual'), hogsend_define_bucket('a', hogsend_in_bucket('b', interval '36 hours'), enabled => false);
SELECT hogsend_define_bucket('a', '{"for":{"days":1.5},"bucket":"b","type":"bucket","member":true}', enabled => false);
DELETE FROM buckets WHERE id = 'b';
SELECT hogsend_canonical('{"for":"36 hours","bucket":"b","type":"bucket","member":true}'), hogsend_canonical(hogsend_all(hogsend_everyone(), hogsend_in_bucket('b', member => false)));
-- Data of a dump comes in any order, and was checked where it came from.
DELETE FROM buckets;
INSERT INTO buckets (id, name, criteria, instance_id) VALUES ('a', 'a', hogsend_in_bucket('b'), '00000000-0000-0000-0000-000000000001');
INSERT INTO buckets (id, name, criteria, instance_id) VALUES ('b', 'b', hogsend_in_bucket('c'), '00000000-0000-0000-0000-000000000001');
INSERT INTO buckets (id, name, criteria, instance_id) VALUES ('c', 'c', hogsend_event('e'), '00000000-0000-0000-0000-000000000001');
INSERT INTO user_events (user_id, event) VALUES ('u1', 'e');
SELECT count(*) FROM bucket_members;
SELECT hogsend_adopt() IS NOT NULL AS adopted;
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1;
