-- Who comes back after an erasure begins at entry count 1, under keys that no transition had before.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind, dwell_after, dwell_every) VALUES ('beta', 'manual', '{1 day}', '{1 day}');
CREATE TABLE told (key text PRIMARY KEY);
-- What a life of a user tells: two stays, dwells in both.
CREATE PROCEDURE live(who text) LANGUAGE plpgsql AS $$
BEGIN
    FOR entry IN 1 .. 2 LOOP
        PERFORM hogsend_add_member('beta', who);
        PERFORM set_config('hogsend.now', (current_setting('hogsend.now')::timestamptz + interval '1 day')::text, false);
        PERFORM hogsend_reconcile();
        PERFORM hogsend_remove_member('beta', who);
    END LOOP;
    INSERT INTO told SELECT idempotency_key FROM bucket_transitions WHERE user_id = who;
END $$;
CALL live('u1');
SELECT key FROM told ORDER BY key COLLATE "C";
SELECT hogsend_forget_user('u1') > 0 AS erased;
CALL live('u1');
SELECT entry_count, status FROM bucket_memberships ORDER BY 1;
SELECT key FROM told WHERE key LIKE '%life%' ORDER BY key COLLATE "C";
-- And again. Others are not concerned, in the same statement.
SELECT hogsend_forget_user('u1') > 0 AS erased;
SELECT hogsend_add_member('beta', ARRAY['u0', 'u1', 'u2']);
INSERT INTO told SELECT idempotency_key FROM bucket_transitions;
SELECT idempotency_key FROM bucket_transitions ORDER BY id;
-- Nothing but a hash and a number is kept; of who was nowhere, nothing; erased twice without having been back is once.
SELECT hogsend_forget_user('u1') > 0, hogsend_forget_user('u1'), hogsend_forget_user('nobody');
INSERT INTO contacts (user_id) VALUES ('u9');
SELECT hogsend_forget_user('u9');
SELECT user_hash = sha256('u1'), times FROM bucket_erasures;
-- Who may erase needs no right on that table, and gets none.
CREATE ROLE forget_admin;
SELECT hogsend_grant('forget_admin', 'admin');
SET ROLE forget_admin;
SELECT hogsend_forget_user('u2') > 0 AS erased;
SELECT * FROM bucket_erasures;
RESET ROLE;
SELECT count(*) FROM bucket_erasures;
SELECT hogsend_add_member('beta', 'u2');
SELECT idempotency_key FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
SELECT hogsend_revoke('forget_admin');
DROP OWNED BY forget_admin;
DROP ROLE forget_admin;
