-- hogsend 0.2.0 to 0.3.0. `make upgrade-script` writes what is below the mark, from the
-- difference between the two; what is above it is written by hand, and needed only where
-- hogsend_instance or hogsend_clock change.
\echo Use "ALTER EXTENSION hogsend UPDATE TO '0.3.0'" to load this file. \quit

-- Derived from here on.



-- Tables, views and triggers. In the middle of a restore there are none yet: the dump brings them.
SELECT @extschema@.hogsend_migrate() WHERE pg_catalog.to_regclass('@extschema@.buckets') IS NOT NULL;
