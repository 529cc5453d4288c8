-- Builders of legs about properties: paths into them, lists, and letters of either case.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
SELECT hogsend_property(ARRAY['address', 'country'], 'eq', 'DE');
SELECT hogsend_property(ARRAY['address', 'country'], 'exists');
SELECT hogsend_property(ARRAY['address', 'floor'], 'gte', 3);
SELECT hogsend_property(ARRAY['address', 'checked'], 'eq', true);
SELECT hogsend_property(ARRAY['address', 'country'], 'not_in', ARRAY['DE', 'AT']);
SELECT hogsend_property(ARRAY['plan'], 'eq', 'trial');
-- A whole number is a position, unless it comes first or is no way to write one.
SELECT hogsend_property(ARRAY['tags', '0'], 'eq', 'vip');
SELECT hogsend_property(ARRAY['0', '12', '012', '-1', '1.5', '', '1234567890'], 'exists');
SELECT hogsend_property('tags', 'contains_any', ARRAY['vip', 'staff']);
SELECT hogsend_property('email', 'ends_with', '@EXAMPLE.com', ignore_case => true);
SELECT hogsend_property('email', 'ends_with', '@example.com', ignore_case => false);
SELECT hogsend_property('email', 'ends_with', '@example.com', NULL);
SELECT hogsend_property('email', 'matches', '^[a-z]+@example\.com$', true);
SELECT hogsend_property('plan', 'in', ARRAY['trial', 'Pro'], ignore_case => true);
SELECT hogsend_property(ARRAY['company', 'name'], 'starts_with', 'acme', ignore_case => true);
SELECT hogsend_property(ARRAY['company', 'name'], 'in', ARRAY['acme'], true);
-- Literals without a type are texts.
SELECT hogsend_property('{a,b}', 'eq', '{c,d}');
SELECT hogsend_property('plan', 'eq', NULL);
PREPARE built AS SELECT hogsend_property($1, $2, $3);
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'built';
EXECUTE built('plan', 'eq', '5');
