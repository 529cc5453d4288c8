-- What pgspot must find, or it finds nothing. expect: PS003 PS004 PS005 PS001 PS016 PS017 PS002
CREATE FUNCTION planted_definer() RETURNS integer LANGUAGE sql SECURITY DEFINER
AS $$ SELECT 1 $$;
CREATE FUNCTION planted_without_temp() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION planted_unqualified(a bigint, b integer) RETURNS bigint LANGUAGE sql
AS $$ SELECT (a % b) + length(t.name::text) FROM planted t $$;
CREATE FUNCTION planted_block() RETURNS void LANGUAGE plpgsql
AS $$ BEGIN PERFORM now(); END $$;
