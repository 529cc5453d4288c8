-- All problems of a document at once: a row each, in the order of the document.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT * FROM hogsend_validate(hogsend_event('app.opened'));
\pset format unaligned
\pset tuples_only on
SELECT * FROM hogsend_validate('{
    "type": "composite", "operator": "and", "conditions": [
        {"type": "property", "property": "plan", "operator": "equals", "value": "trial"},
        {"type": "event", "eventName": "bucket:left:vip", "check": "exists"},
        {"type": "composite", "operator": "or", "conditions": [
            {"type": "event", "eventName": "a", "check": "count", "operator": "gte", "value": -2, "within": {"weeks": 2}}
        ]}
    ]}');
-- It only reads: no bucket, no table is touched.
SELECT count(*) FROM buckets;
-- NULL is not criteria either.
SELECT path, message FROM hogsend_validate(NULL);
-- Numbers beyond any machine's range are data, not a crash.
SELECT path, message FROM hogsend_validate('{"type": "property", "property": "x", "operator": "gt", "value": 1e400}');
SELECT count(*) FROM hogsend_validate('{"type": "property", "property": "x", "operator": "eq", "value": 12345678901234567890123456789.000000001}');
SELECT path, message FROM hogsend_validate('{"type": "event", "eventName": "a", "check": "count", "operator": "lt", "value": 1e30}');
-- A document that is wrong everywhere is reported up to a limit.
SELECT count(*) FROM hogsend_validate((SELECT jsonb_build_object('type', 'composite', 'operator', 'and',
    'conditions', jsonb_agg(1)) FROM generate_series(1, 1000)));
