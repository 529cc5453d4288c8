#!/usr/bin/env python3
"""A journey runner: takes each user through a journey, and acts on each transition, exactly once.

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

# What this runner is told of; edit it. Saying it again changes the filters and keeps the position, so
# it is said at every start.
SUBSCRIBE = """
    SELECT hogsend_subscribe(%s,
        journeys => '{winback}',
        buckets => NULL,                       -- '{lapsed,stuck-trials}'; NULL is all
        transitions => '{entered,left,dwell}', -- of buckets; left out: only the journeys' steps
        shards => 1)                           -- so many runners go on side by side, SHARD 0, 1, …
"""

# The journey; replace it. Its place is kept by hogsend, so it may take months and any number of
# restarts. A wait comes before what is sent: its answer is false where the run has ended meanwhile,
# and from then on nothing happens to the user until this batch is committed.
WAITS = os.environ.get("WAITS", "2 days,5 days").split(",")

def started(connection, step):
    if wait_for(connection, step, "purchase", WAITS[0], "first mail"):
        send(connection, step)

def first_mail(connection, step):
    # The purchase may have come after the time was over, and before this.
    if (step.timed_out and wait_for(connection, step, "purchase", WAITS[1], "second mail")
            and ask(connection, "hogsend_has('lapsed', %s)", step.user_id)):
        send(connection, step)
    else:
        second_mail(connection, step)

def second_mail(connection, step):
    ask(connection, "hogsend_complete(%s, %s)", step.run_id, step.id)

STEPS = {None: started, "first mail": first_mail, "second mail": second_mail}

# What follows is to be copied as it is.

def send(connection, row):
    """What is done for one transition or step; replace it.

    Rows in this database are written exactly once, because they commit together with the
    acknowledgement. Anything else (a mail, a request) may be done again after a failure: send
    row.idempotency_key along, which is the same each time, and let the receiver drop what it has
    seen; or write a row here, as this does, for a mailer that sends with that key.
    """
    connection.execute(
        "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES (%s, %s, %s)",
        (row.idempotency_key, row.user_id, row.event),
    )


def ask(connection, call, *values):
    return connection.execute(f"SELECT {call} AS answer", values).fetchone().answer


def wait_for(connection, step, event, timeout, label):  # False: the run has ended
    call = "hogsend_wait_for(%s, %s, %s::interval, %s, step => %s)"
    return ask(connection, call, step.run_id, event, timeout, label, step.id)

def act(connection, row):
    if row.transition in ("started", "resumed"):
        STEPS[row.label](connection, row)
    elif row.transition != "exited":
        send(connection, row)


def do_batch(connection):
    """Takes the next batch through, in one transaction; false when there is none."""
    with connection.transaction():
        batch = connection.execute(
            "SELECT * FROM hogsend_poll(%s, %s, %s)", (CONSUMER, BATCH, SHARD)
        ).fetchall()
        if not batch:
            return False
        for row in batch:
            act(connection, row)
        acknowledged = ask(connection, "hogsend_ack(%s, %s)", CONSUMER, batch[0].batch)
        # The batch is somebody else's by now. An error undoes what was written for it.
        if not acknowledged:
            raise RuntimeError(f"batch {batch[0].batch} is not the current one")
    log("done", rows=len(batch), last_id=batch[-1].id)
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
