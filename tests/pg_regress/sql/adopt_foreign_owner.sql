-- Tables of another role could be changed under the feet of definer functions: not adopted.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_owner;
CREATE ROLE regress_hogsend_owner;
CREATE EXTENSION hogsend;
DROP EXTENSION hogsend CASCADE;
ALTER TABLE contacts OWNER TO regress_hogsend_owner;
CREATE EXTENSION hogsend;
ALTER TABLE contacts OWNER TO CURRENT_USER;
CREATE EXTENSION hogsend;
SELECT count(*) FROM buckets;
DROP ROLE regress_hogsend_owner;
