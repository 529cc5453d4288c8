-- The import of a partitioned table goes from one partition to the next; one that was written anew meanwhile
-- is begun again, one that is gone is passed over.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE SCHEMA "Odd.Shop";
CREATE TABLE "Odd.Shop"."Order s" (id bigint, at timestamptz, customer text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE "Odd.Shop".p1 PARTITION OF "Odd.Shop"."Order s" FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE "Odd.Shop".p2 PARTITION OF "Odd.Shop"."Order s" FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY RANGE (at);
CREATE TABLE "Odd.Shop"."p2 a" PARTITION OF "Odd.Shop".p2 FOR VALUES FROM ('2026-02-01') TO ('2026-02-10');
CREATE TABLE "Odd.Shop"."p2 b" PARTITION OF "Odd.Shop".p2 DEFAULT;
CREATE TABLE "Odd.Shop".p3 PARTITION OF "Odd.Shop"."Order s" DEFAULT;
INSERT INTO "Odd.Shop"."Order s" SELECT n, timestamptz '2026-01-01' + n % 100 * interval '1 day', 'c' || n % 7 FROM generate_series(1, 2000) n;
SET hogsend.inline_backfill = 0;
SELECT hogsend_attach_events('"Odd.Shop"."Order s"', key => $$id || '/' || at::date$$, user_id => 'customer', event => $$'order'$$, occurred_at => 'at', name => 'It''s');
-- Into the first partition that has more than a page or two.
SELECT backfilled > 0 AS some, remaining FROM hogsend_reconcile(1);
SELECT part::oid::regclass, block FROM feeds;
-- The same rows elsewhere: the part begins again.
VACUUM FULL "Odd.Shop".p1;
SELECT backfilled > 0 AS some FROM hogsend_reconcile(1);
SELECT part::oid::regclass, block FROM feeds;
-- Far enough to be in the next, which goes.
SELECT count(*) FROM generate_series(1, 5) n CROSS JOIN LATERAL hogsend_reconcile(greatest(n - 10, 1));
SELECT part::oid::regclass FROM feeds;
DROP TABLE "Odd.Shop"."p2 a";
CALL hogsend_import('It''s');
SELECT import FROM feeds;
SELECT problem, count(*) FROM hogsend_verify_feed('It''s') GROUP BY 1;
SELECT count(*) FROM "Odd.Shop"."Order s";
-- In a copy the rows are elsewhere, whatever the number of the file: all of it begins again.
CALL hogsend_import('It''s');
UPDATE feeds SET import = 'running', part = (SELECT '"Odd.Shop".p3'::regclass::oid::text), file = pg_relation_filenode('"Odd.Shop".p3'), block = 1000, blocks = 1000;
DELETE FROM user_events WHERE user_id = 'c3';
CALL hogsend_import('It''s');
SELECT count(*) FROM hogsend_verify_feed('It''s') WHERE problem = 'missing';
