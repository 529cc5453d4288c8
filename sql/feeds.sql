-- Feeds: what mirrors them, and what is to be seen of them.

CREATE FUNCTION hogsend_mirror() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_mirror';
COMMENT ON FUNCTION hogsend_mirror() IS 'Mirrors what a statement does to an attached table; takes the name of the feed';

CREATE FUNCTION hogsend_on_feeds() RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'hogsend_on_feeds';
COMMENT ON FUNCTION hogsend_on_feeds() IS 'Tells all sessions that a feed was attached, detached or changed';
