-- A database worth looking at: what the pages are made of that tests/run-report.sh opens.
\set ON_ERROR_STOP on
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-04-01 09:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'), name => 'Active this week');
SELECT hogsend_define_bucket('lapsed', hogsend_all(hogsend_event('app.opened'), hogsend_event('app.opened', within => '14 days', never => true)),
                             name => 'Lapsed after two weeks', dwell_after => '{7 days}');
SELECT hogsend_define_bucket('trial-idle', hogsend_all(hogsend_property('plan', 'eq', 'trial'), hogsend_not(hogsend_event('project.created', within => '7 days'))),
                             name => 'On trial and idle', description => 'Has not created a project in the last week.');
SELECT hogsend_define_bucket('buyers', hogsend_any(hogsend_event('order.placed', within => '30 days'),
                             hogsend_all(hogsend_property('plan', 'in', ARRAY['team', 'business']), hogsend_event('app.opened', within => '30 days'))),
                             name => 'Buyers', max_dwell => '45 days', entry_limit => 'once_per_period', entry_period => '7 days');
INSERT INTO buckets (id, name, kind) VALUES ('beta', 'Beta testers', 'manual');
INSERT INTO buckets (id, name, kind, query) VALUES ('broken', 'A query that fails', 'query', 'SELECT user_id FROM contacts WHERE 1 / (length(user_id) - 2) > 0');
INSERT INTO buckets (id, name, criteria, enabled) VALUES ('old', 'Spring campaign', hogsend_event('campaign.seen'), false);
INSERT INTO buckets (id, name, criteria) VALUES ('hostile', E'"><img src=x onerror=alert(1)> \u202Egnp \u05E9\u05DC\u05D5\u05DD \U0001F994 O''Neil',
                                                 hogsend_any(hogsend_event('<script>alert(1)</script>'), hogsend_property('"><b>', 'eq', '</td>')));
-- So many that not all of them have room.
INSERT INTO buckets (id, criteria) SELECT 'plan-' || n, hogsend_property('plan', 'eq', 'plan ' || n) FROM generate_series(1, 320) n;
INSERT INTO contacts (user_id, properties)
SELECT 'u' || n, jsonb_build_object('plan', (ARRAY['trial', 'free', 'team', 'business'])[1 + n % 4]) FROM generate_series(1, 200) n;
SELECT hogsend_subscribe('mailer'), hogsend_subscribe('<i>crm</i>', buckets => '{buyers,lapsed}', shards => 2);
SELECT hogsend_define_journey('winback', '{bucket:entered:lapsed}', exits_on => '{order.placed}', name => 'Win back'),
       hogsend_define_journey('odd', '{"<script>alert(1)</script>"}', name => '<b>odd</b>'), hogsend_define_journey('unused', '{nothing}', enabled => false),
       hogsend_subscribe('steps', journeys => '{winback,odd,unused}');
SELECT hogsend_add_member('beta', 'u' || n) FROM generate_series(1, 9) n;
SELECT hogsend_add_member('beta', '<b>u0</b>' || chr(8238));
DO $days$
DECLARE
    present timestamptz;
BEGIN
    FOR day IN 1..40 LOOP
        present := '2026-04-01 09:00+00'::timestamptz + day * interval '1 day';
        PERFORM set_config('hogsend.now', present::text, false);
        INSERT INTO user_events (user_id, event, occurred_at)
        SELECT 'u' || n, w.event, present - (n % 20) * interval '1 hour'
        FROM generate_series(1, 200) n
        CROSS JOIN (VALUES ('app.opened', 60 + 50 * sin(day / 5.0)), ('order.placed', 14), ('project.created', 50)) AS w (event, share)
        WHERE hashtext(n || w.event || day) & 1023 < w.share;
        PERFORM hogsend_reconcile(10000);
        PERFORM CASE r.label WHEN 'second mail' THEN hogsend_complete(r.id)
                             WHEN 'first mail' THEN hogsend_sleep(r.id, '3 days', 'second mail')
                             ELSE hogsend_wait_for(r.id, 'app.opened', '2 days', 'first mail') END
        FROM journey_runs r WHERE r.status = 'active' AND r.id % 7 > 0;
    END LOOP;
END
$days$;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('<u>', '<script>alert(1)</script>', '2026-05-11 09:00+00');
SELECT hogsend_checkpoint(r.id, '</td><script>alert(2)</script>') FROM journey_runs r WHERE r.journey_id = 'odd';
ANALYZE;
