-- Everything that section 3 refuses at definition: SQLSTATE and message, the node, what to do.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
CREATE FUNCTION pg_temp.define(criteria jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    INSERT INTO buckets (id, criteria) VALUES ('b', criteria);
    DELETE FROM buckets WHERE id = 'b';
    RETURN NEXT 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT SQLSTATE || ' ' || message;
    RETURN NEXT 'DETAIL: ' || detail;
    RETURN NEXT 'HINT: ' || hint;
END $$;
-- Unknown type, operator, check, key.
SELECT pg_temp.define('{"type": "segment"}');
SELECT pg_temp.define('{"type": "evnt", "eventName": "a", "check": "exists"}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "like", "value": "x"}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "=", "value": "x"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "happened"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "contains", "value": 1}');
SELECT pg_temp.define('{"type": "composite", "operator": "xor", "conditions": [{"type": "event", "eventName": "a", "check": "exists"}]}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "whithin": {"days": 7}}');
-- A missing or ill-typed field.
SELECT pg_temp.define('{"eventName": "a", "check": "exists"}');
SELECT pg_temp.define('{"type": "event", "check": "exists"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a"}');
SELECT pg_temp.define('{"type": "event", "eventName": 7, "check": "exists"}');
SELECT pg_temp.define('{"type": "event", "eventName": "", "check": "exists"}');
SELECT pg_temp.define('{"type": "property", "operator": "exists"}');
SELECT pg_temp.define('{"type": "property", "property": "plan"}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "eq"}');
SELECT pg_temp.define('{"type": "property", "property": "seats", "operator": "gt", "value": "5"}');
SELECT pg_temp.define('{"type": "property", "property": "seats", "operator": "lte", "value": true}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "eq", "value": null}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "exists", "value": "x"}');
-- A count: a whole number, zero or more; operator and value together or neither.
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "gte", "value": -1}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "gte", "value": 1.5}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "gte", "value": "3"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "gte"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "value": 3}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "value": 3}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "count", "operator": "eq", "value": 0}');
-- Reserved names, and a form that other systems have.
SELECT pg_temp.define('{"type": "event", "eventName": "bucket:entered:vip", "check": "exists"}');
SELECT pg_temp.define('{"type": "email_engagement", "check": "opened"}');
-- Windows.
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {"months": 1}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": "1 month"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": "2 years 3 days"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {"days": 0}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {"days": 1, "hours": -25}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {"days": "7"}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": 7}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": "14"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": {"days": 1, "hours": -12, "seconds": 0.5}}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "exists", "within": "14 days"}');
-- Nothing but negations.
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "neq", "value": "pro"}');
SELECT pg_temp.define('{"type": "property", "property": "plan", "operator": "not_exists"}');
SELECT pg_temp.define('{"type": "event", "eventName": "a", "check": "not_exists"}');
SELECT pg_temp.define(hogsend_any(hogsend_event('a', never => true), hogsend_property('plan', 'neq', 'pro')));
SELECT pg_temp.define(hogsend_event('a', never => true, within => '7 days'));
SELECT pg_temp.define(hogsend_all(hogsend_event('a', never => true), hogsend_property('plan', 'eq', 'pro')));
-- Asked of what negation leaves of the legs.
SELECT pg_temp.define(hogsend_not(hogsend_event('a')));
SELECT pg_temp.define(hogsend_not(hogsend_any(hogsend_event('a'), hogsend_property('plan', 'exists'))));
SELECT pg_temp.define(hogsend_not(hogsend_property('plan', 'neq', 'pro')));
SELECT pg_temp.define(hogsend_not(hogsend_event('a', within => '7 days')));
SELECT pg_temp.define(hogsend_not(NULL));
SELECT pg_temp.define('{"type": "not"}');
-- Shape.
SELECT pg_temp.define('{"type": "composite", "operator": "and", "conditions": []}');
SELECT pg_temp.define('{"type": "composite", "operator": "and"}');
SELECT pg_temp.define('{"type": "composite", "operator": "and", "conditions": {"type": "event"}}');
SELECT pg_temp.define('"active"');
SELECT pg_temp.define('null');
SELECT pg_temp.define(hogsend_all(hogsend_event('a'), hogsend_any(hogsend_event('b'), 'true')));
SELECT pg_temp.define(NULL);
-- Size: 32 levels and 256 legs are fine, one more of either is not.
CREATE FUNCTION pg_temp.nested(levels integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE criteria jsonb := hogsend_event('a');
BEGIN
    FOR i IN 1..levels LOOP criteria := hogsend_all(criteria); END LOOP;
    RETURN criteria;
END $$;
CREATE FUNCTION pg_temp.wide(legs integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT hogsend_any(VARIADIC array_agg(hogsend_event('e' || n) ORDER BY n)) FROM generate_series(1, legs) n
$$;
SELECT pg_temp.define(pg_temp.nested(32));
SELECT split_part(line, '$', 1) FROM pg_temp.define(pg_temp.nested(33)) line;
SELECT split_part(line, '$', 1) FROM pg_temp.define(pg_temp.nested(3000)) line;
SELECT pg_temp.define(pg_temp.wide(256));
SELECT pg_temp.define(pg_temp.wide(257));
-- The first of several problems, and how many more there are.
SELECT pg_temp.define('{"type": "composite", "operator": "nand", "conditions": [{"type": "event", "eventName": "a", "check": "exists", "within": "1 month"}]}');
SELECT pg_temp.define('{"type": "composite", "operator": "nand", "conditions": [{"type": "event", "eventName": "a", "check": "exists", "within": "1 month"}, 7]}');
-- UPDATE is checked like INSERT, and a refused one changes nothing.
INSERT INTO buckets (id, criteria) VALUES ('kept', hogsend_event('a'));
UPDATE buckets SET criteria = '{"type": "event", "eventName": "a", "check": "nope"}' WHERE id = 'kept';
UPDATE buckets SET criteria = NULL WHERE id = 'kept';
SELECT id, criteria FROM buckets;
