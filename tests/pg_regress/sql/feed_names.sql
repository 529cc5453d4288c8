-- Tables, columns and feeds of any name.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE SCHEMA "Mein Laden";
CREATE TABLE "Mein Laden"."Bestellungen; --" ("Schlüssel" uuid PRIMARY KEY, "der ""Kunde""" integer, "key" numeric, "kept" timestamptz DEFAULT '2026-01-09 12:00+00', "select" text, "hogsend_new" text, r text, f text);
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'o''brien'$$, occurred_at => 'kept', value => 'key',
    properties => '{"der \"Kunde\"",select,hogsend_new,r,f}', condition => '"select" IS DISTINCT FROM r -- a comment');
INSERT INTO "Mein Laden"."Bestellungen; --" VALUES ('00000000-0000-0000-0000-000000000001', 1, 5, DEFAULT, 'a', 'b', 'c', 'd');
UPDATE "Mein Laden"."Bestellungen; --" SET "der ""Kunde""" = 2;
SELECT user_id, event, value, properties, source, idempotency_key FROM user_events;
-- Two feeds of one table, with names that are longer than those of anything else, and equal in their beginnings.
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'one'$$, occurred_at => 'kept', name => repeat('ö', 99) || '1');
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'two'$$, occurred_at => 'kept', name => repeat('ö', 99) || '2');
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'three'$$, occurred_at => 'kept', name => repeat('ö', 101));
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'four'$$, occurred_at => 'kept', name => '');
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'five'$$, occurred_at => 'kept', name => $$it's; "quoted" \ %s$$);
SELECT hogsend_attach_events('"Mein Laden"."Bestellungen; --"', key => '"Schlüssel"', user_id => '"der ""Kunde"""', event => $$'six'$$, occurred_at => 'kept');
INSERT INTO "Mein Laden"."Bestellungen; --" VALUES ('00000000-0000-0000-0000-000000000002', 3, 5);
SELECT user_id, event, octet_length(source), right(source, 1), right(idempotency_key, 12) FROM user_events WHERE user_id = '3' ORDER BY event;
SELECT hogsend_detach(repeat('ö', 99) || '1');
INSERT INTO "Mein Laden"."Bestellungen; --" VALUES ('00000000-0000-0000-0000-000000000003', 4, 5);
SELECT event FROM user_events WHERE user_id = '4' ORDER BY event;
SELECT hogsend_detach(f.name) FROM feeds f;
SELECT count(*) FROM pg_class WHERE relnamespace = '"Mein Laden"'::regnamespace AND relkind = 'v';
SELECT count(*) FROM pg_proc WHERE pronamespace = '"Mein Laden"'::regnamespace;
-- Keys of several columns.
CREATE TABLE visits (site text, number smallint, who char(5), at date, PRIMARY KEY (site, number));
INSERT INTO visits VALUES ('a', 11, 'u1', '2026-01-09'), ('a1', 1, 'u1', '2026-01-09');
SELECT hogsend_attach_events('visits', key => 'site', user_id => 'who', event => $$'visit'$$, occurred_at => 'at');
SELECT hogsend_attach_events('visits', key => 'site || number', user_id => 'who', event => $$'visit'$$, occurred_at => 'at');
SELECT hogsend_attach_events('visits', key => $$concat_ws(' ', site, number)$$, user_id => 'who', event => $$'visit'$$, occurred_at => 'at');
SELECT hogsend_attach_events('visits', key => $$site || ' ' || number$$, user_id => 'who', event => $$'visit'$$, occurred_at => 'at');
INSERT INTO visits VALUES ('b', 1, 'u2', '2026-01-09');
SELECT user_id, event, occurred_at, idempotency_key FROM user_events WHERE source = 'visits' AND user_id = 'u2';
SELECT feed, skipped, failed, error FROM feed_notes;
