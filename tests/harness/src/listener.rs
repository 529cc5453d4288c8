//! A real client that LISTENs on a connection of its own.

use anyhow::{Result, bail};
use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;
use std::time::{Duration, Instant};

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub channel: String,
    pub payload: String,
    /// The session that sent it.
    pub from: i32,
}

pub struct Listener {
    client: Client,
}

impl Listener {
    pub fn new(mut client: Client, channel: &str) -> Result<Self> {
        listen(&mut client, channel)?;
        Ok(Listener { client })
    }

    /// Listens on one more channel. The order across channels is that of the
    /// commits.
    pub fn also(&mut self, channel: &str) -> Result<()> {
        listen(&mut self.client, channel)
    }

    /// The listening connection itself, for what a client looks up on hearing.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The next one, or none if none arrives within `patience`.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Heard>> {
        let mut notifications = self.client.notifications();
        let next = notifications.timeout_iter(patience).next()?;
        Ok(next.map(|n| Heard {
            channel: n.channel().to_string(),
            payload: n.payload().to_string(),
            from: n.process_id(),
        }))
    }

    /// All that a commit which has returned has sent. A notification is in the
    /// queue before the sender's COMMIT returns, and a query's answer follows
    /// the notifications that were in the queue, so one empty query is enough:
    /// no sleeping and no guessing how long to wait.
    pub fn drain(&mut self) -> Result<Vec<Heard>> {
        self.client.batch_execute("SELECT")?;
        // The server sends what is pending before it says that it is ready, so
        // whatever there is has been read by now or is about to be.
        let mut heard = Vec::new();
        while let Some(one) = self.next(Duration::from_millis(20))? {
            heard.push(one);
        }
        Ok(heard)
    }

    /// Waits for a notification that `wanted` accepts; others are passed over.
    pub fn wait_for(
        &mut self,
        patience: Duration,
        wanted: impl Fn(&Heard) -> bool,
    ) -> Result<Heard> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.next(left)? {
                Some(heard) if wanted(&heard) => return Ok(heard),
                Some(_) => continue,
                None => bail!("no such notification within {patience:?}"),
            }
        }
    }
}

fn listen(client: &mut Client, channel: &str) -> Result<()> {
    client.batch_execute(&format!("LISTEN \"{}\"", channel.replace('"', "\"\"")))?;
    Ok(())
}
