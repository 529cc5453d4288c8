# What the official image's entrypoint does with a new volume, as its documentation has it: a cluster, a database,
# everything in /docker-entrypoint-initdb.d in order on a server that only its socket reaches, and then the server.
# By TCP one needs a password, and on the socket none.
postgres() { runuser -u postgres -- "$@"; }
POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
export POSTGRES_USER POSTGRES_DB
install -d -o postgres -g postgres -m 700 "$PGDATA"
install -d -o postgres -g postgres -m 3777 /var/run/postgresql
cd /
echo "$POSTGRES_PASSWORD" >/tmp/password
chown postgres /tmp/password
postgres initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile=/tmp/password ${POSTGRES_INITDB_ARGS:-} >/dev/null
rm /tmp/password
echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
postgres pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p $PGPORT" -w start >/dev/null
[ "$POSTGRES_DB" = postgres ] ||
    postgres psql -Xq -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
for file in /docker-entrypoint-initdb.d/*; do
    case $file in
    *.sh) [ -x "$file" ] || { echo "$file would be sourced, and leave its options behind" >&2; exit 1; }
          postgres "$file" ;;
    *.sql) postgres psql -Xq -v ON_ERROR_STOP=1 --no-password -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$file" ;;
    esac
done
postgres pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
setsid runuser -u postgres -- postgres -D "$PGDATA" >/var/log/server.log 2>&1 </dev/null &
for attempt in $(seq 300); do
    ! pg_isready -q -h 127.0.0.1 || exit 0
    sleep 0.1
done
cat /var/log/server.log
exit 1
