-- Builders of sums, averages, extremes and numbers of different things, and what is refused of them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
SELECT hogsend_sum('purchase', within => '90 days', more_than => 500);
SELECT hogsend_sum('purchase', 'amount', at_least => 500.50, filter => hogsend_property('country', 'eq', 'DE'));
SELECT hogsend_avg(ARRAY['purchase', 'rent'], at_most => 10, since => '2026-01-01', zone => 'Europe/Berlin');
SELECT hogsend_min('purchase', of => ARRAY['lines', '0', 'price'], less_than => -1);
SELECT hogsend_max(ARRAY['purchase'], of => ARRAY['a'], exactly => 0);
SELECT hogsend_distinct('app.opened', of => '$day', at_least => 5, within => '14 days', older_than => '1 day');
SELECT hogsend_distinct('purchase', of => 'category');
SELECT hogsend_sum('purchase', at_least => 1, at_most => 2);
SELECT hogsend_sum('purchase', at_least => 'NaN');
SELECT hogsend_sum(NULL::text, at_least => 1);
SELECT hogsend_distinct('purchase', of => NULL::text, at_least => 1);
SELECT hogsend_sum('purchase', of => ARRAY['a', NULL], at_least => 1);
\pset format aligned
\pset tuples_only off
CREATE FUNCTION wrong(rest text) RETURNS TABLE (path text, message text, hint text) LANGUAGE sql AS
$$ SELECT v.path, v.message, v.hint FROM hogsend_validate(format('{"type": "event", "eventName": "a", %s}', rest)::jsonb) v WHERE severity = 'problem' $$;
SELECT * FROM wrong('"check": "sum"');
SELECT * FROM wrong('"check": "sum", "operator": "neq", "value": "5"');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": 1');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": 1.5, "of": "$week"');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": -1, "of": ["$day", 0]');
SELECT * FROM wrong('"check": "sum", "operator": "gt", "value": 1, "of": "$source"');
SELECT * FROM wrong('"check": "max", "operator": "gt", "value": 1, "of": []');
SELECT * FROM wrong('"check": "count", "operator": "gt", "value": 1, "of": "amount"');
SELECT * FROM wrong('"check": "exists", "of": "amount", "operator": "gt"');
SELECT * FROM wrong('"check": "sum", "operator": "gt", "value": 1, "pick": "last"');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": 1, "of": "$day", "zone": "Nowhere"');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": 1, "of": "$day", "zone": {"property": "zone"}');
SELECT * FROM wrong('"check": "distinct", "operator": "gt", "value": 1, "of": "shop", "zone": "Europe/Berlin"');
-- No change is what means the same.
SELECT hogsend_define_bucket('b', '{"type": "event", "eventName": "a", "check": "sum", "operator": "gt", "value": 1}');
SELECT hogsend_define_bucket('b', '{"type": "event", "eventName": ["a", "a"], "check": "sum", "operator": "gt", "value": 1.0, "of": ["$value"], "zone": "UTC"}');
SELECT hogsend_define_bucket('b', '{"type": "event", "eventName": "a", "check": "sum", "operator": "gt", "value": 1, "of": "value"}');
-- A warning where it can never be.
SELECT severity, message FROM hogsend_validate(hogsend_distinct('a', of => 'x', less_than => 0));
DROP EXTENSION hogsend CASCADE;
