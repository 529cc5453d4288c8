-- What compose.yaml adds to a new volume: a role for the runner, the table that it writes to, and a bucket to try.
\getenv password RUNNER_PASSWORD
CREATE ROLE runner LOGIN PASSWORD :'password';
SELECT hogsend_grant('runner', 'runner');

CREATE TABLE sent_mail (idempotency_key text PRIMARY KEY, user_id text NOT NULL, event text NOT NULL);
GRANT INSERT ON sent_mail TO runner;

SELECT hogsend_define_bucket('openers', hogsend_event('app.opened', within => '1 minute'));
