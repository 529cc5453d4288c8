-- What cannot be attached, and why.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE TABLE t (id integer PRIMARY KEY, who text, at timestamptz, n numeric, other integer UNIQUE, j jsonb);
CREATE FUNCTION rolls(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION many(text) RETURNS SETOF text STABLE LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION try(key text DEFAULT 'id', user_id text DEFAULT 'who', event text DEFAULT $$'e'$$, occurred_at text DEFAULT 'at', value text DEFAULT NULL,
    properties text DEFAULT NULL, condition text DEFAULT NULL, name text DEFAULT NULL, relation regclass DEFAULT 't') RETURNS void LANGUAGE sql
AS 'SELECT hogsend_attach_events(relation, key, user_id, event, occurred_at, value, properties, condition, name)';
SELECT try(user_id => 'who ||');
SELECT try(user_id => 'whom');
SELECT try(user_id => 'many(who)');
SELECT try(user_id => 'rolls(who)');
SELECT try(user_id => 'max(who)');
SELECT try(user_id => 'first_value(who) OVER ()');
SELECT try(user_id => '(SELECT who)');
SELECT try(user_id => '(SELECT who FROM t LIMIT 1)');
SELECT try(user_id => 'who FROM t AS x, t');
SELECT try(user_id => 'current_user');
SELECT try(user_id => 'random()');
SELECT try(occurred_at => 'now()');
SELECT try(occurred_at => 'clock_timestamp()');
SELECT try(occurred_at => 'CURRENT_DATE');
SELECT try(occurred_at => 'id');
SELECT try(user_id => 'xmin');
SELECT try(user_id => 'tableoid::regclass');
SELECT try(value => 'at');
SELECT try(condition => 'id');
SELECT try(condition => 'true) AS bool); END; DROP TABLE t; --');
SELECT try(properties => '{who,whom}');
SELECT try(properties => '{who');
SELECT try(properties => 'who');
SELECT try(key => 'who');
SELECT try(key => 'id / 2');
SELECT try(key => $$'one'$$);
SELECT try(key => NULL), try();
SELECT try(event => NULL);
SELECT try(relation => NULL);
SELECT try(relation => 'pg_class');
SELECT try(relation => 'user_events');
SELECT try(relation => 'feeds');
SELECT try(relation => 'bucket_memberships');
CREATE VIEW v AS SELECT * FROM t;
SELECT try(relation => 'v');
CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
SELECT try(relation => 'm');
CREATE TEMP TABLE p (LIKE t INCLUDING ALL);
SELECT try(relation => 'p');
CREATE SEQUENCE s;
SELECT try(relation => 's');
CREATE TABLE parent (LIKE t INCLUDING ALL);
CREATE TABLE child () INHERITS (parent);
SELECT try(relation => 'parent');
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER w FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (id integer, who text, at timestamptz) SERVER w;
SELECT try(relation => 'f');
-- A key that is unique among in_part rows, or not at once.
CREATE TABLE in_part (id integer, who text, at timestamptz);
CREATE UNIQUE INDEX ON in_part (id) WHERE id > 0;
SELECT try(relation => 'in_part');
-- Nothing was left of all that.
SELECT count(*) FROM pg_trigger WHERE tgrelid = 't'::regclass;
SELECT count(*) FROM feeds;
SELECT count(*) FROM pg_proc WHERE proname LIKE 'hogsend\_feed\_t' OR proname LIKE 'hogsend\_probe%';
SELECT try();
SELECT try();
SELECT try(name => 'again');
-- An idempotency key is made of the name, a colon and the row's key, so that "again" and "more:1" make what "again:more" and "1" do.
SELECT try(name => 'again:more');
SELECT try(name => 'other:one');
SELECT try(name => 'other');
SELECT try(name => 'agai');
SELECT hogsend_detach('nothing');
SELECT hogsend_detach(NULL);
SELECT name FROM feeds ORDER BY 1;
