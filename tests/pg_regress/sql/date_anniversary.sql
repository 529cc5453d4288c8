-- Anniversaries: every year on time, 29 February, and two that never meet.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('birthday', hogsend_property('born', 'anniversary', 0)),
    ('in-a-week', hogsend_property('born', 'anniversary', 7)),
    ('both', hogsend_all(hogsend_property('born', 'anniversary', 0), hogsend_property('born', 'anniversary', 1)));
INSERT INTO contacts (user_id, properties) VALUES
    ('leap', '{"born": "2000-02-29"}'), ('day-before', '{"born": "1999-02-28"}'), ('future', '{"born": "2090-03-01T23:59:59Z"}'),
    ('none', '{"born": "29 February"}');
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT m.bucket_id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM bucket_members m GROUP BY 1 ORDER BY 1 $$;
SELECT * FROM members();
SELECT user_id, bucket_id, due_at FROM bucket_timers WHERE bucket_id <> 'both' ORDER BY 1, 2;
-- Nothing is looked for beyond 400 days: the clock looks again then, and nobody is told a flip.
SELECT user_id, due_at - hogsend_now() >= interval '400 days' AS is_far, due_at - hogsend_now() < interval '800 days' AS is_near FROM bucket_timers WHERE bucket_id = 'both' ORDER BY 1;
SELECT condition, result, observed, flips_at FROM hogsend_explain('both', 'leap');
-- Once a day for more than two years; in 2028 the 29th is there.
DO $$
BEGIN
    FOR day IN 0..780 LOOP
        PERFORM set_config('hogsend.now', (timestamptz '2026-02-21 00:00+00' + day * interval '1 day')::text, false);
        PERFORM hogsend_reconcile();
    END LOOP;
END $$;
SELECT user_id, bucket_id, string_agg(format('%s %s', split_part(event, ':', 2), to_char(effective_at, 'YYYY-MM-DD HH24:MI')), E'\n' ORDER BY id)
FROM bucket_transitions GROUP BY 1, 2 ORDER BY 1, 2;
-- A clock that was away for ten years brings everybody to where they belong now, and dates it.
SET hogsend.now = '2040-02-29 06:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, bucket_id, entered_at FROM bucket_members ORDER BY 1, 2;
SELECT user_id, event, effective_at FROM bucket_transitions WHERE recorded_at = hogsend_now() ORDER BY 1, id;
-- What is asked of another instant, and of somebody who is not there yet.
SELECT hogsend_matches('birthday', 'leap', '2041-02-28 12:00+00') AS on_28, hogsend_matches('birthday', 'leap', '2044-02-28 12:00+00') AS in_a_leap_year,
       hogsend_matches('in-a-week', 'leap', '2041-02-21 00:00+00') AS a_week_before;
SELECT * FROM hogsend_preview(hogsend_property('born', 'anniversary', 0)) AS p;
