#!/bin/bash
# What the image does with a new volume, once: hogsend in the database of POSTGRES_DB, in a schema of its own,
# and its clock. The official image's entrypoint runs it as the server's user, before anybody can connect.
set -euo pipefail
database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}

run() {
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d "$database" -v database="$database" >/dev/null
}

# pg_cron lives in one database, which it is told when the server starts.
run <<'SQL'
ALTER SYSTEM SET cron.database_name = :'database';
SQL
pg_ctl -D "$PGDATA" -m fast -w restart >/dev/null

run <<'SQL'
CREATE SCHEMA hogsend;
CREATE EXTENSION hogsend SCHEMA hogsend;
ALTER DATABASE :"database" SET search_path = "$user", public, hogsend;
CREATE EXTENSION pg_cron;
SELECT hogsend.hogsend_schedule();
SQL
echo "hogsend: ready in database $database"
