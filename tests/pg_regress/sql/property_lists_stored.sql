-- Lists are read out of the jsonb that they are stored as: whatever is in them, and around them, is what was meant.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE given (id text PRIMARY KEY, value jsonb NOT NULL);
INSERT INTO given
SELECT 's' || n, to_jsonb(s) FROM unnest(ARRAY['', 'a', 'A', 'ab', U&'a\0001', 'a"b', 'a\b', E'a\nb', 'é', 'ü', '😀', '1', 'true', 'null',
    repeat('x', 127), repeat('x', 128), repeat('x', 129), repeat('ü', 9000), 'acc-1', 'acc-10', 'acc-100']) WITH ORDINALITY s (s, n)
UNION ALL
SELECT 'n' || n, to_jsonb(s::numeric) FROM unnest(ARRAY['0', '-0.00', '1', '1.0', '-1', '10', '9999', '10000', '-10000', '10001', '1e4', '100000000',
    '123456789012', '9999999999999999', '-9999999999999999', '10000000000000000', '1e20', '1.5', '-2.25', '0.00001', '1e400']) WITH ORDINALITY s (s, n)
UNION ALL
SELECT 'b' || b, to_jsonb(b) FROM unnest(ARRAY[true, false]) b;
INSERT INTO contacts (user_id, properties) SELECT id, jsonb_build_object('p', value, 'it''s "p"', value) FROM given;
-- Alone, twice, after and before many others: every 32nd element of a jsonb is told where it ends.
CREATE TABLE lists (id text PRIMARY KEY, list jsonb NOT NULL);
INSERT INTO lists SELECT id || '-alone', jsonb_build_array(value) FROM given;
INSERT INTO lists SELECT id || '-twice', jsonb_build_array(value, value) FROM given;
INSERT INTO lists SELECT g.id || '-after', (SELECT jsonb_agg(CASE WHEN left(g.id, 1) = 's' THEN to_jsonb('v' || n) ELSE to_jsonb(n * 7 - 0.5) END) FROM generate_series(1, 99) n) || jsonb_build_array(g.value)
    FROM given g WHERE g.id NOT LIKE 'b%';
INSERT INTO lists SELECT g.id || '-before', jsonb_build_array(g.value) || (SELECT jsonb_agg(CASE WHEN left(g.id, 1) = 's' THEN to_jsonb('v' || n) ELSE to_jsonb(n * 7777) END) FROM generate_series(1, 99) n)
    FROM given g WHERE g.id NOT LIKE 'b%';
INSERT INTO lists SELECT left(id, 1) || '-all', jsonb_agg(value) FROM given GROUP BY 2 IS NULL, left(id, 1);
INSERT INTO buckets (id, criteria)
SELECT id, jsonb_build_object('type', 'property', 'property', 'it''s "p"', 'operator', 'in', 'value', list) FROM lists;
-- In a filter, below other conditions, and whatever the case.
INSERT INTO buckets (id, criteria)
SELECT 'event-' || id, jsonb_build_object('type', 'event', 'eventName', 'it "is"', 'check', 'count', 'operator', 'gte', 'value', 1, 'within', '{"days": 1.5}'::jsonb,
    'where', jsonb_build_object('type', 'property', 'property', 'p', 'operator', 'in', 'value', list)) FROM lists WHERE id LIKE '%-all'
UNION ALL
SELECT 'deep-' || id, jsonb_build_object('type', 'composite', 'operator', 'and', 'conditions', jsonb_build_array(
    '{"type": "not", "condition": {"type": "property", "property": "p", "operator": "gt", "value": 1e19}}'::jsonb,
    '{"type": "property", "property": "p", "operator": "exists", "value": null}'::jsonb,
    jsonb_build_object('type', 'property', 'property', 'p', 'operator', 'in', 'value', list))) FROM lists WHERE id LIKE '%-all'
UNION ALL
SELECT 'folded', jsonb_build_object('type', 'property', 'property', 'p', 'operator', 'in', 'ignoreCase', true, 'value', list) FROM lists WHERE id = 's-all';
-- In another session, which reads all there is; and once more, by those who were not there before.
\c
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO contacts (user_id, properties) SELECT 'new ' || id, jsonb_build_object('p', value, 'it''s "p"', value) FROM given;
INSERT INTO user_events (user_id, event, properties) SELECT 'new ' || id, 'it "is"', jsonb_build_object('p', value) FROM given;
CREATE VIEW meant AS
SELECT l.id AS bucket_id, c.user_id FROM lists l JOIN contacts c ON l.list @> jsonb_build_array(c.properties -> 'p')
UNION ALL
SELECT 'event-' || l.id, c.user_id FROM lists l JOIN contacts c ON l.list @> jsonb_build_array(c.properties -> 'p') WHERE l.id LIKE '%-all' AND c.user_id LIKE 'new %'
UNION ALL
SELECT 'deep-' || l.id, c.user_id FROM lists l JOIN contacts c ON l.list @> jsonb_build_array(c.properties -> 'p') WHERE l.id LIKE '%-all'
    AND NOT (l.id = 'n-all' AND (c.properties ->> 'p')::numeric > 1e19)
UNION ALL
SELECT 'folded', c.user_id FROM contacts c WHERE jsonb_typeof(c.properties -> 'p') = 'string';
SELECT count(*) FROM meant;
SELECT count(*) FROM bucket_members;
SELECT bucket_id, user_id, 'missing' FROM meant EXCEPT SELECT bucket_id, user_id, 'missing' FROM bucket_members ORDER BY 1, 2;
SELECT bucket_id, user_id, 'wrong' FROM bucket_members EXCEPT SELECT bucket_id, user_id, 'wrong' FROM meant ORDER BY 1, 2;
SELECT count(*) FROM buckets b, hogsend_verify(b.id);
-- From one value to another.
UPDATE contacts SET properties = (SELECT jsonb_build_object('p', g.value, 'it''s "p"', g.value) FROM given g WHERE g.id = 'n3') WHERE user_id = 's1';
SELECT string_agg(bucket_id, ', ' ORDER BY bucket_id) FROM bucket_members WHERE user_id = 's1';
-- In words, the first of the values in order.
SELECT condition FROM hogsend_explain('s2-twice', 's2') WHERE path = '$';
SELECT condition FROM hogsend_explain('n3-before', 'n3') WHERE path = '$';
SELECT condition FROM hogsend_explain('event-b-all', 'btrue') WHERE path = '$';
