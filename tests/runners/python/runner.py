#!/usr/bin/env python3
"""A journey runner: acts on each transition of hogsend's buckets, exactly once.

Where the database is, DATABASE_URL says, or PGHOST, PGDATABASE and so on. CONSUMER is the name
under which hogsend keeps how far this runner has come; SHARD is for several side by side.
Needs psycopg 3.2.4 or later (earlier ones may drop a notification).
"""

import json
import os
import random
import signal
import sys
import time

import psycopg
from psycopg.rows import namedtuple_row

CONSUMER = os.environ.get("CONSUMER", "mails")
SHARD = int(os.environ.get("SHARD", 0))
POLL_INTERVAL = float(os.environ.get("POLL_INTERVAL", 30))  # seconds
LONGEST_PAUSE = 30  # seconds
BATCH = 100

# What this runner is told of; edit it. NULL is everything. Saying it again changes the filters and
# keeps the position, so it is said at every start.
SUBSCRIBE = """
    SELECT hogsend_subscribe(%s,
        buckets => NULL,              -- '{lapsed,stuck-trials}'
        transitions => NULL,          -- '{entered,left,dwell}'
        reasons => NULL,              -- of leaves: '{criteria,maxDwell,manual,bucketDeleted}'
        first_entry_only => false,    -- of entries
        shards => 1)                  -- so many runners go on side by side, SHARD 0, 1, …
"""


def act(connection, transition):
    """What is done for one transition; replace it.

    Rows in this database are written exactly once, because they commit together with the
    acknowledgement. Anything else (a mail, a request) may be done again after a failure: send
    transition.idempotency_key along, which is the same each time, and let the receiver drop what
    it has seen; or write a row here, as this does, for a mailer that sends with that key.
    """
    connection.execute(
        "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES (%s, %s, %s)",
        (transition.idempotency_key, transition.user_id, transition.event),
    )


def do_batch(connection):
    """Takes the next batch through, in one transaction; false when there is none."""
    with connection.transaction():
        batch = connection.execute(
            "SELECT * FROM hogsend_poll(%s, %s, %s)", (CONSUMER, BATCH, SHARD)
        ).fetchall()
        if not batch:
            return False
        for transition in batch:
            act(connection, transition)
        acknowledged = connection.execute(
            "SELECT hogsend_ack(%s, %s) AS ok", (CONSUMER, batch[0].batch)
        ).fetchone().ok
        # The batch is somebody else's by now. An error undoes what was written for it.
        if not acknowledged:
            raise RuntimeError(f"batch {batch[0].batch} is not the current one")
    log("done", transitions=len(batch), last_id=batch[-1].id)
    return True


def run():
    """Serves one connection for as long as it lasts; yields whenever something has worked."""
    url = os.environ.get("DATABASE_URL", "")
    with psycopg.connect(url, autocommit=True, row_factory=namedtuple_row) as connection:
        connection.execute(SUBSCRIBE, (CONSUMER,))
        # Listen first: what commits from here on is announced, what did before is read below.
        connection.execute("LISTEN bucket_transitions")
        log("listening")
        while True:
            found = do_batch(connection)
            yield
            if not found:
                # A notification is only a hint, and one may be missing (hogsend.notify = 'off'),
                # so look now and then in any case. Those that came meanwhile count.
                list(connection.notifies(timeout=POLL_INTERVAL, stop_after=1))


def log(event, **facts):
    facts = {"event": event, "consumer": CONSUMER, "shard": SHARD, **facts}
    print(json.dumps(facts), file=sys.stderr, flush=True)


def main():
    # As Ctrl-C does: wherever it strikes, the batch is rolled back, and the next start gets it again.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failures = 0
    while True:
        try:
            for _ in run():
                failures = 0
        except Exception as error:
            # A lost connection, a restart of the server, an error in act(): the batch comes again.
            # The pause grows, so that what always fails does not spin, and varies, so that many
            # runners do not come back at the same instant.
            failures += 1
            pause = random.uniform(0.5, 1) * min(LONGEST_PAUSE, 0.1 * 2 ** min(failures, 10))
            log("failed", error=str(error).strip(), failures=failures, pause=round(pause, 2))
            time.sleep(pause)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log("stopped")
