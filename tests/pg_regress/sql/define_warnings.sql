-- What is not wrong with criteria and yet cannot be meant is said when they are defined.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
RESET client_min_messages;
-- Without any events no name is better than another.
INSERT INTO buckets (id, criteria) VALUES ('first', hogsend_event('buyed'));
INSERT INTO user_events (user_id, event, contact_properties)
SELECT 'u' || n % 300, (ARRAY['buy', 'view'])[1 + n % 2], '{"plan": "pro"}' FROM generate_series(1, 600) n;
-- What can never match.
INSERT INTO buckets (id, criteria) VALUES
    ('none', hogsend_event('buy', at_most => 0)),
    ('both', hogsend_all(hogsend_event('buy', at_least => 3), hogsend_event('buy', at_most => 1))),
    ('plans', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_property('plan', 'eq', 'free'))),
    ('nobody', hogsend_not(hogsend_everyone())),
    ('fine', hogsend_event('buy', within => '7 days', at_most => 0));
-- What nobody ever did. It is stored all the same, and said once, whichever way it is defined.
SELECT hogsend_define_bucket('buyers', hogsend_any(hogsend_event('buy'), hogsend_event('buyed'), hogsend_event('buyed', at_least => 2)));
SELECT hogsend_define_bucket('buyers', hogsend_any(hogsend_event('buy'), hogsend_event('buyed'), hogsend_event('buyed', at_least => 2)));
SELECT hogsend_define_bucket('buyers', hogsend_any(hogsend_event('buy'), hogsend_event('buyed'), hogsend_event('buyed', at_least => 2)), name => 'Buyers');
SELECT hogsend_define_bucket('buyers', hogsend_event('veiw'));
UPDATE buckets SET criteria = hogsend_event('wiev') WHERE id = 'buyers';
UPDATE buckets SET enabled = false, description = 'nothing new';
DELETE FROM buckets;
SELECT path, message, hint, severity FROM hogsend_validate(hogsend_any(hogsend_event('buy'), hogsend_event('buyed')));
SELECT path, severity FROM hogsend_validate(hogsend_event('buyed', at_most => 0));
SELECT path, severity FROM hogsend_validate('{"type": "event", "eventName": "buyed"}');
SELECT path, severity FROM hogsend_validate(NULL);
SELECT * FROM hogsend_preview(hogsend_event('buyed', at_most => 0));
-- The column contacts.email is none of the properties, which are what criteria read.
INSERT INTO user_events (user_id, event, user_email) VALUES ('m1', 'buy', 'm1@example.com');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('m2', 'buy', '{"email": "m2@example.com"}');
SELECT hogsend_define_bucket('mail', hogsend_all(hogsend_event('buy'), hogsend_property('email', 'contains', '@example.com')));
SELECT hogsend_define_bucket('mail', hogsend_all(hogsend_event('buy'), hogsend_property('email', 'contains', '@example.com')), name => 'Mail');
SELECT user_id FROM bucket_members WHERE bucket_id = 'mail';
SELECT path, message, hint, severity FROM hogsend_validate(hogsend_property('email', 'exists'));
SELECT path, message FROM hogsend_validate(hogsend_any(hogsend_property('plan', 'eq', 'pro'), hogsend_property('email', 'exists'), hogsend_property('email', 'eq', 'a')));
SELECT count(*) FROM hogsend_validate(hogsend_property('Email', 'exists'));
DELETE FROM buckets;
-- Of many only some are said.
\set VERBOSITY terse
INSERT INTO buckets (id, criteria) SELECT 'b' || n, hogsend_event('e' || n) FROM generate_series(1, 6) n;
SET client_min_messages = warning;
TRUNCATE buckets;
RESET client_min_messages;
INSERT INTO buckets (id, criteria) SELECT 'b' || n, hogsend_event('buy', at_most => 0) FROM generate_series(101, 123) n;
SET client_min_messages = warning;
TRUNCATE buckets;
-- Among many users nobody looks for each of them: it is as ANALYZE has seen it, and what came last.
INSERT INTO user_events (user_id, event) SELECT 'v' || n, 'rare' || n % 3 FROM generate_series(1, 9) n;
INSERT INTO user_events (user_id, event) SELECT 'v' || n, 'view' FROM generate_series(1, 4000) n;
RESET client_min_messages;
SELECT count(*) FROM hogsend_validate(hogsend_event('buyed'));
ANALYZE user_events;
SELECT message FROM hogsend_validate(hogsend_event('buyed'));
SELECT count(*) FROM hogsend_validate(hogsend_event('rare1'));
INSERT INTO user_events (user_id, event) VALUES ('u1', 'buyed');
SELECT count(*) FROM hogsend_validate(hogsend_event('buyed'));
-- Who may not read the events is told of the criteria alone.
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_writer;
CREATE ROLE regress_hogsend_writer;
GRANT EXECUTE ON FUNCTION hogsend_validate, hogsend_problems, hogsend_missing_buckets, hogsend_warnings TO regress_hogsend_writer;
SET ROLE regress_hogsend_writer;
SELECT message FROM hogsend_validate('{"type": "event", "eventName": "bouhgt", "check": "count", "operator": "lte", "value": 0}');
RESET ROLE;
GRANT SELECT ON user_events, contacts TO regress_hogsend_writer;
SET ROLE regress_hogsend_writer;
SELECT message FROM hogsend_validate('{"type": "event", "eventName": "bouhgt", "check": "count", "operator": "lte", "value": 0}');
RESET ROLE;
ALTER TABLE user_events ENABLE ROW LEVEL SECURITY;
SET ROLE regress_hogsend_writer;
SELECT message FROM hogsend_validate('{"type": "event", "eventName": "bouhgt", "check": "count", "operator": "lte", "value": 0}');
RESET ROLE;
DROP OWNED BY regress_hogsend_writer;
DROP ROLE regress_hogsend_writer;
