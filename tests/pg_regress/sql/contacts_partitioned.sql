-- Contacts, timers and stays may be partitioned. Rows of two partitions can have the same place (ctid), and
-- what is done to one by its place is not done to the other.
CREATE EXTENSION hogsend;
BEGIN;
ALTER TABLE contacts RENAME TO contacts_before;
ALTER INDEX contacts_pkey RENAME TO contacts_before_pkey;
CREATE TABLE contacts (LIKE contacts_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY (user_id)) PARTITION BY LIST (user_id);
CREATE TABLE contacts_ann PARTITION OF contacts FOR VALUES IN ('ann');
CREATE TABLE contacts_others PARTITION OF contacts DEFAULT;
ALTER TABLE bucket_timers RENAME TO timers_before;
ALTER INDEX bucket_timers_pkey RENAME TO timers_before_pkey;
ALTER INDEX bucket_timers_due RENAME TO timers_before_due;
CREATE TABLE bucket_timers (LIKE timers_before INCLUDING DEFAULTS, PRIMARY KEY (user_id, bucket_id)) PARTITION BY LIST (user_id);
CREATE TABLE timers_ann PARTITION OF bucket_timers FOR VALUES IN ('ann');
CREATE TABLE timers_others PARTITION OF bucket_timers DEFAULT;
CREATE INDEX bucket_timers_due ON bucket_timers (due_at);
SET LOCAL client_min_messages = warning;
DROP TABLE contacts_before, timers_before CASCADE;
SELECT hogsend_migrate();
COMMIT;

INSERT INTO buckets (id, criteria) VALUES
    ('paying', '{"type":"property","property":"plan","operator":"eq","value":"pro"}'),
    ('recent', '{"type":"event","eventName":"seen","check":"exists","within":"1 day"}'),
    ('lately', '{"type":"event","eventName":"met","check":"exists","within":"1 day"}');
INSERT INTO user_events (user_id, event) VALUES ('ann', 'seen'), ('bob', 'met');
SELECT tableoid::regclass, ctid, user_id FROM contacts ORDER BY user_id;
SELECT tableoid::regclass, ctid, user_id, bucket_id FROM bucket_timers ORDER BY user_id;

-- A patch.
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('ann', 'upgraded', '{"plan":"pro"}');
SELECT user_id, properties FROM contacts ORDER BY user_id;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;

-- Timers whose users are gone are dropped, and no others.
SET session_replication_role = replica;
DELETE FROM contacts WHERE user_id = 'ann';
SET session_replication_role = origin;
UPDATE bucket_timers SET due_at = now() - interval '1 hour' WHERE user_id = 'ann';
VACUUM FULL timers_ann;
SELECT ctid, user_id, bucket_id FROM bucket_timers ORDER BY user_id;
SELECT remaining FROM hogsend_reconcile();
SELECT user_id, bucket_id FROM bucket_timers ORDER BY user_id;
