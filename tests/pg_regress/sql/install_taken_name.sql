-- A table name that is taken by something else: refused, and nothing is left behind.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE TABLE buckets (colour text);
CREATE EXTENSION hogsend;
SELECT count(*) FROM pg_extension WHERE extname = 'hogsend';
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace;
DROP TABLE buckets;
-- The kind matters too.
CREATE VIEW contacts AS SELECT 1 AS user_id;
DO $$
BEGIN
    CREATE EXTENSION hogsend;
EXCEPTION WHEN duplicate_table THEN
    RAISE WARNING '%', SQLERRM;
END $$;
DROP VIEW contacts;
CREATE TABLE bucket_members (x integer);
DO $$
BEGIN
    CREATE EXTENSION hogsend;
EXCEPTION WHEN duplicate_table THEN
    RAISE WARNING '%', SQLERRM;
END $$;
-- What the hint says works, and leaves the other table alone.
CREATE SCHEMA hogsend;
CREATE EXTENSION hogsend SCHEMA hogsend;
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace;
SELECT count(*) FROM hogsend.buckets;
