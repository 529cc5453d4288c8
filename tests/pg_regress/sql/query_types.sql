-- What ids may be, and which are left out.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE rows (t text, v varchar(20), s smallint, i integer, b bigint, u uuid);
CREATE DOMAIN handle AS text CHECK (value <> 'x');
INSERT INTO rows VALUES ('a', 'b', 1, 2, 9007199254740993, '00000000-0000-0000-0000-000000000001'),
    (NULL, NULL, NULL, NULL, NULL, NULL), ('', '', 1, 2, 9007199254740993, '00000000-0000-0000-0000-000000000001'),
    ('a', 'é', -1, 0, 0, NULL), (' a', 'B', 1, 2, 3, NULL), ('𝔘', 'e', 1, 2, 3, NULL);
INSERT INTO buckets (id, kind, query) VALUES
    ('text', 'query', 'SELECT t FROM rows'), ('varchar', 'query', 'SELECT v FROM rows'), ('smallint', 'query', 'SELECT s FROM rows'),
    ('integer', 'query', 'SELECT i FROM rows'), ('bigint', 'query', 'SELECT b FROM rows'), ('uuid', 'query', 'SELECT u FROM rows'),
    ('domain', 'query', 'SELECT t::handle FROM rows'), ('values', 'query', 'VALUES (1), (2)'), ('nobody', 'query', 'SELECT t FROM rows WHERE false');
SELECT entered FROM hogsend_reconcile();
SELECT b.id, (SELECT array_agg(m.user_id ORDER BY m.user_id COLLATE "C") FROM bucket_members m WHERE m.bucket_id = b.id) FROM buckets b ORDER BY 1;
SELECT hogsend_matches('uuid', '00000000-0000-0000-0000-000000000001'), hogsend_matches('integer', '2'), hogsend_matches('integer', '02'), hogsend_matches('text', 'nobody');
SELECT hogsend_matches('text', 'a', '2026-01-01 13:00+00');
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
-- A type that has become another since.
ALTER TABLE rows ALTER i TYPE numeric;
SET client_min_messages = error;
SELECT * FROM hogsend_refresh('integer');
-- An id that is too long for a user's is said, and nobody is moved.
SET client_min_messages = warning;
INSERT INTO rows (t) VALUES (repeat('x', 2001)), ('new');
SELECT * FROM hogsend_refresh('text');
SELECT hogsend_has('text', 'new');
