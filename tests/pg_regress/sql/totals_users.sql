-- Events that change hands, and users who come and go.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 300));
CREATE VIEW kept AS SELECT user_id, n, total FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, occurred_at)
SELECT u, 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 120), unnest('{u,visitor}'::text[]) u;
TABLE kept ORDER BY 1;
SELECT hogsend_identify('visitor', 'u');
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
-- What comes under the other id is the user's.
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('visitor', 'buy', 2, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at)
VALUES ('visitor', 'buy', 2, '2026-01-01 00:00+00'), ('u', 'buy', 3, '2026-01-01 00:00+00'), ('w', 'buy', 5, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
SELECT * FROM hogsend_verify('spender');
-- Deleted, brought back, deleted for good and back again.
UPDATE contacts SET deleted_at = now() WHERE user_id = 'u';
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
UPDATE contacts SET deleted_at = NULL WHERE user_id = 'u';
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
DELETE FROM contacts WHERE user_id = 'u';
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept ORDER BY 1;
SELECT * FROM hogsend_verify('spender');
-- A contact that went away unseen: nobody knows what its events did since.
ALTER TABLE contacts DISABLE TRIGGER hogsend_delete;
DELETE FROM contacts WHERE user_id = 'u';
ALTER TABLE contacts ENABLE TRIGGER hogsend_delete;
DELETE FROM user_events WHERE user_id = 'u' AND id IN (SELECT id FROM user_events WHERE user_id = 'u' LIMIT 10);
INSERT INTO contacts (user_id) VALUES ('u');
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
SELECT * FROM hogsend_verify('spender');
SELECT hogsend_forget_user('u') > 0 AS forgotten;
TABLE kept ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'w', 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 120);
TABLE kept ORDER BY 1;
TRUNCATE contacts;
TABLE kept ORDER BY 1;
