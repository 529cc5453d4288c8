-- Ids of every kind, tables and columns of every name.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE SCHEMA "Odd ""schema""";
CREATE TABLE "Odd ""schema""".by_uuid (id uuid PRIMARY KEY, "Plan" text);
CREATE TABLE by_text (id varchar(20) PRIMARY KEY, "Plan" varchar(10));
CREATE TABLE by_two (tenant integer, id integer, "Plan" text, PRIMARY KEY (tenant, id));
CREATE TABLE "My ""Users"", Ünïcode" ("Id" smallint PRIMARY KEY, "e mail" text, "Plan" text, "a.b" integer, "quo'te""d" boolean[], "order" jsonb, "null" numeric);
SELECT hogsend_attach_contacts('"Odd ""schema""".by_uuid', user_id => 'id', properties => '{Plan}');
SELECT hogsend_attach_contacts('by_text', user_id => 'id', properties => '{Plan}', name => 'a ''feed''');
SELECT hogsend_attach_contacts('by_two', user_id => $$tenant || '/' || id$$, properties => '{Plan}');
SELECT hogsend_attach_contacts('"My ""Users"", Ünïcode"', user_id => $$'n' || "Id"$$, email => '"e mail"', properties => '{Plan,a.b,"quo''te\"d",order,"null"}');
INSERT INTO "Odd ""schema""".by_uuid VALUES ('6F9619FF-8B86-D011-B42D-00CF4FC964FF', 'pro');
INSERT INTO by_text VALUES ('O''Brien "x" \ %s', 'pro');
INSERT INTO by_two VALUES (1, 23, 'one'), (12, 3, 'other');
INSERT INTO "My ""Users"", Ünïcode" VALUES (-1, 'A@B.c', 'pro', 2147483647, '{t,f}', '{"deep": [1, 2.50]}', 12345678901234567890.123);
SELECT user_id, email, properties FROM contacts ORDER BY user_id COLLATE "C";
UPDATE by_two SET "Plan" = 'changed' WHERE tenant = 12;
UPDATE "My ""Users"", Ünïcode" SET "order" = NULL, "null" = 'NaN';
DELETE FROM by_text;
DELETE FROM "Odd ""schema""".by_uuid;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id COLLATE "C";
-- A migration renames and adds columns: it stays attached.
ALTER TABLE by_two RENAME TO "Two";
ALTER TABLE "Two" RENAME tenant TO "Tenant";
ALTER TABLE "Two" RENAME "Plan" TO tariff;
ALTER TABLE "Two" ADD COLUMN note text NOT NULL DEFAULT 'none';
ALTER TABLE "Two" SET SCHEMA "Odd ""schema""";
INSERT INTO "Odd ""schema"""."Two" VALUES (5, 5, 'late');
UPDATE "Odd ""schema"""."Two" SET tariff = 'renamed' WHERE "Tenant" = 1;
SELECT user_id, properties FROM contacts WHERE user_id LIKE '%/%' ORDER BY user_id COLLATE "C";
SELECT * FROM feed_notes;
