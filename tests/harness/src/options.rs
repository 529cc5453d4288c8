//! What kind of server a test wants.

/// How pg_cron runs in the cluster.
#[derive(Clone, Debug)]
pub struct Cron {
    /// The one database of the cluster that pg_cron lives in. It may be made
    /// after the start: pg_cron's launcher tries again every second.
    pub database: String,
    /// True: jobs run in background workers. False: pg_cron connects to
    /// localhost, which here fails, because the server listens on its socket
    /// only; that is what a wrongly configured production server does too.
    pub background_workers: bool,
}

#[derive(Clone, Debug)]
pub struct Options {
    /// pg_cron preloaded, or none.
    pub cron: Option<Cron>,
    /// Off by default: a test's data need not survive the machine. `kill -9`
    /// of the server loses nothing either way, the pages are with the kernel.
    pub fsync: bool,
    pub locale: String,
    /// Further settings for postgresql.conf; later ones win.
    pub settings: Vec<(String, String)>,
    /// What the server has in its environment beside what every one has.
    pub environment: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cron: None,
            fsync: false,
            // Sorts bytewise, so that expected outputs are the same everywhere.
            locale: "C.UTF-8".into(),
            settings: Vec::new(),
            environment: Vec::new(),
        }
    }
}

impl Options {
    /// With pg_cron in `database`, its jobs in background workers.
    pub fn with_cron(database: &str) -> Self {
        Options {
            cron: Some(Cron {
                database: database.into(),
                background_workers: true,
            }),
            ..Options::default()
        }
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub fn set_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The text that is appended to postgresql.conf.
    pub(crate) fn configuration(&self, socket_dir: &str) -> String {
        let on_off = |on: bool| if on { "on" } else { "off" }.to_string();
        let mut lines: Vec<(String, String)> = Vec::new();
        let mut set = |name: &str, value: String| lines.push((name.into(), value));
        set("listen_addresses", String::new());
        set("unix_socket_directories", socket_dir.into());
        set("max_connections", "200".into());
        set("max_worker_processes", "24".into());
        set("max_prepared_transactions", "20".into());
        set("shared_buffers", "256MB".into());
        set("timezone", "UTC".into());
        set("log_timezone", "UTC".into());
        set("log_line_prefix", "%m [%p] %d ".into());
        set("fsync", on_off(self.fsync));
        set("full_page_writes", on_off(self.fsync));
        if let Some(cron) = &self.cron {
            set("shared_preload_libraries", "pg_cron".into());
            set("cron.database_name", cron.database.clone());
            set(
                "cron.use_background_workers",
                on_off(cron.background_workers),
            );
        }
        lines.extend(self.settings.iter().cloned());
        lines
            .iter()
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect()
    }
}
