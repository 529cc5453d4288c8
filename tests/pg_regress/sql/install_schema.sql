-- A schema of its own: everything works although that schema is not on the search path.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE SCHEMA crm;
CREATE EXTENSION hogsend SCHEMA crm;
SET hogsend.now = '2026-01-01 12:00+00';
SHOW search_path;
INSERT INTO crm.buckets (id, criteria, dwell_after)
VALUES ('active', crm.hogsend_event('app.opened', within => '7 days'), '{1 day}');
INSERT INTO crm.user_events (user_id, event, occurred_at)
VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SET hogsend.now = '2026-01-02 12:00+00';
SELECT entered, "left", dwelled, remaining FROM crm.hogsend_reconcile();
SET hogsend.now = '2026-01-09 12:00+00';
SELECT entered, "left", dwelled, remaining FROM crm.hogsend_reconcile();
SELECT event, user_id, entry_count FROM crm.bucket_transitions ORDER BY id;
SELECT crm.hogsend_matches('active', 'u1', '2026-01-05 12:00+00');
-- Nothing of ours went elsewhere.
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace;
-- Somebody else's tables of the same names on the search path change nothing.
CREATE TABLE public.contacts (nothing integer);
CREATE TABLE public.buckets (nothing integer);
CREATE TABLE public.bucket_memberships (nothing integer);
INSERT INTO crm.user_events (user_id, event, occurred_at)
VALUES ('u2', 'app.opened', '2026-01-09 12:00+00');
SELECT crm.hogsend_count('active');
