#!/usr/bin/env node
// A journey runner: takes each user through a journey, and acts on each transition, exactly once.
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

// What this runner is told of; edit it. Saying it again changes the filters and keeps the position, so
// it is said at every start.
const SUBSCRIBE = `
  SELECT hogsend_subscribe($1,
    journeys => '{winback}',
    buckets => NULL,                       -- '{lapsed,stuck-trials}'; NULL is all
    transitions => '{entered,left,dwell}', -- of buckets; left out: only the journeys' steps
    shards => 1)                           -- so many runners go on side by side, SHARD 0, 1, …
`;

// The journey; replace it. Its place is kept by hogsend, so it may take months and any number of
// restarts. A wait comes before what is sent: its answer is false where the run has ended meanwhile,
// and from then on nothing happens to the user until this batch is committed.
const WAITS = (process.env.WAITS ?? "2 days,5 days").split(",");
const STEPS = {
  async started(client, step) {
    if (await waitFor(client, step, "purchase", WAITS[0], "first mail")) await send(client, step);
  },
  async "first mail"(client, step) {
    // The purchase may have come after the time was over, and before this.
    const goesOn = step.timed_out
      && await waitFor(client, step, "purchase", WAITS[1], "second mail")
      && await ask(client, "hogsend_has('lapsed', $1)", step.user_id);
    await (goesOn ? send(client, step) : this["second mail"](client, step));
  },
  async "second mail"(client, step) {
    await ask(client, "hogsend_complete($1, $2)", step.run_id, step.id);
  },
};

// What follows is to be copied as it is.

// What is done for one transition or step; replace it.
//
// Rows in this database are written exactly once, because they commit together with the
// acknowledgement. Anything else (a mail, a request) may be done again after a failure: send
// row.idempotency_key along, which is the same each time, and let the receiver drop what it has
// seen; or write a row here, as this does, for a mailer that sends with that key.
async function send(client, row) {
  await client.query(
    "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES ($1, $2, $3)",
    [row.idempotency_key, row.user_id, row.event],
  );
}

async function ask(client, call, ...values) {
  return (await client.query(`SELECT ${call} AS answer`, values)).rows[0].answer;
}

// False: the run has ended, or this step was done by another worker.
async function waitFor(client, step, event, timeout, label) {
  const call = "hogsend_wait_for($1, $2, $3::interval, $4, step => $5)";
  return ask(client, call, step.run_id, event, timeout, label, step.id);
}

async function act(client, row) {
  if (["started", "resumed"].includes(row.transition)) await STEPS[row.label ?? "started"](client, row);
  else if (row.transition !== "exited") await send(client, row);
}

// Takes the next batch through, in one transaction; false when there is none.
async function doBatch(client) {
  await client.query("BEGIN");
  try {
    const poll = "SELECT * FROM hogsend_poll($1, $2, $3)";
    const { rows } = await client.query(poll, [CONSUMER, BATCH, SHARD]);
    for (const row of rows) await act(client, row);
    if (rows.length > 0) {
      // A bigint arrives as a string, and goes back as one.
      const token = rows[0].batch;
      const ok = await ask(client, "hogsend_ack($1, $2)", CONSUMER, token);
      // The batch is somebody else's by now. An error undoes what was written for it.
      if (!ok) throw new Error(`batch ${token} is not the current one`);
    }
    await client.query("COMMIT");
    if (rows.length > 0) log("done", { rows: rows.length, last_id: rows.at(-1).id });
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
