#!/usr/bin/env node
// A journey runner: acts on each transition of hogsend's buckets, exactly once.
//
// Where the database is, DATABASE_URL says, or PGHOST, PGDATABASE and so on. CONSUMER is the name
// under which hogsend keeps how far this runner has come; SHARD is for several side by side.
// Needs Node 18.17 or later and the package pg.

import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const CONSUMER = process.env.CONSUMER ?? "mails";
const SHARD = Number(process.env.SHARD ?? 0);
const POLL_INTERVAL = Number(process.env.POLL_INTERVAL ?? 30); // seconds
const LONGEST_PAUSE = 30; // seconds
const BATCH = 100;

// What this runner is told of; edit it. NULL is everything. Saying it again changes the filters and
// keeps the position, so it is said at every start.
const SUBSCRIBE = `
  SELECT hogsend_subscribe($1,
    buckets => NULL,              -- '{lapsed,stuck-trials}'
    transitions => NULL,          -- '{entered,left,dwell}'
    reasons => NULL,              -- of leaves: '{criteria,maxDwell,manual,bucketDeleted}'
    first_entry_only => false,    -- of entries
    shards => 1)                  -- so many runners go on side by side, SHARD 0, 1, …
`;

// What is done for one transition; replace it.
//
// Rows in this database are written exactly once, because they commit together with the
// acknowledgement. Anything else (a mail, a request) may be done again after a failure: send
// transition.idempotency_key along, which is the same each time, and let the receiver drop what it
// has seen; or write a row here, as this does, for a mailer that sends with that key.
async function act(client, transition) {
  await client.query(
    "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES ($1, $2, $3)",
    [transition.idempotency_key, transition.user_id, transition.event],
  );
}

// Takes the next batch through, in one transaction; false when there is none.
async function doBatch(client) {
  await client.query("BEGIN");
  try {
    const poll = "SELECT * FROM hogsend_poll($1, $2, $3)";
    const { rows } = await client.query(poll, [CONSUMER, BATCH, SHARD]);
    for (const transition of rows) await act(client, transition);
    if (rows.length > 0) {
      // A bigint arrives as a string, and goes back as one.
      const token = rows[0].batch;
      const ack = await client.query("SELECT hogsend_ack($1, $2) AS ok", [CONSUMER, token]);
      // The batch is somebody else's by now. An error undoes what was written for it.
      if (!ack.rows[0].ok) throw new Error(`batch ${token} is not the current one`);
    }
    await client.query("COMMIT");
    if (rows.length > 0) log("done", { transitions: rows.length, last_id: rows.at(-1).id });
    return rows.length > 0;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {}); // the first error says more than this one
    throw error;
  }
}

const stop = new AbortController();

// Serves one connection until it is lost or SIGTERM comes; yields whenever something has worked.
async function* run() {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL, keepAlive: true });
  let lost;
  let wake = new AbortController();
  client.on("notification", () => wake.abort());
  client.on("error", (error) => { lost = error; wake.abort(); });
  try {
    await client.connect();
    await client.query(SUBSCRIBE, [CONSUMER]);
    // Listen first: what commits from here on is announced, what did before is read below.
    await client.query("LISTEN bucket_transitions");
    log("listening");
    while (!stop.signal.aborted) {
      wake = new AbortController(); // before looking, so that what comes meanwhile counts
      const found = await doBatch(client);
      yield;
      if (found) continue;
      // A notification is only a hint, and one may be missing (hogsend.notify = 'off'), so look
      // now and then in any case.
      const signal = AbortSignal.any([wake.signal, stop.signal]);
      await sleep(POLL_INTERVAL * 1000, null, { signal }).catch(() => {});
      if (lost) throw lost;
    }
  } finally {
    await client.end().catch(() => {});
  }
}

function log(event, facts) {
  console.error(JSON.stringify({ event, consumer: CONSUMER, shard: SHARD, ...facts }));
}

// The batch that is in hand is finished.
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stop.abort());
let failures = 0;
while (!stop.signal.aborted) {
  try {
    for await (const _ of run()) failures = 0;
  } catch (error) {
    // A lost connection, a restart of the server, an error in act(): the batch comes again. The
    // pause grows, so that what always fails does not spin, and varies, so that many runners do
    // not come back at the same instant.
    failures += 1;
    const pause = (0.5 + Math.random() / 2) * Math.min(LONGEST_PAUSE, 0.1 * 2 ** failures);
    log("failed", { error: error.message || error.code, failures, pause: Number(pause.toFixed(2)) });
    await sleep(pause * 1000, null, { signal: stop.signal }).catch(() => {});
  }
}
log("stopped");
