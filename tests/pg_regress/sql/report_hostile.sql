-- Names that would be markup are text wherever a page shows them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE hostile (text text);
INSERT INTO hostile VALUES (E'<script>alert("1")</script>'), (E'\'"><img src=x onerror=alert(1)>&amp;'), (E'\u202Eevil\u2069 \u05E9\u05DC\u05D5\u05DD \u200F\U0001F994');
INSERT INTO buckets (id, name, description, criteria)
SELECT 'b' || row_number() OVER (), text, text, hogsend_any(hogsend_event(text), hogsend_property(text, 'eq', text)) FROM hostile;
INSERT INTO buckets (id, kind, query) VALUES ('q', 'query', 'SELECT user_id FROM contacts WHERE substr(user_id, 1, 8)::integer > 0');
INSERT INTO contacts (user_id, properties) SELECT text, jsonb_build_object(text, text) FROM hostile;
INSERT INTO user_events (user_id, event, occurred_at) SELECT text, text, '2026-01-01 12:00+00' FROM hostile;
SELECT hogsend_subscribe('<b>mailer</b>');
UPDATE bucket_jobs SET status = 'failed', error = '<u>error</u>' WHERE bucket_id = 'b1';
CREATE TABLE "<table>" (id bigint PRIMARY KEY, who text, did text, at timestamptz);
SELECT hogsend_attach_events('"<table>"', key => 'id', user_id => 'who', event => 'did', occurred_at => 'at', name => '<em>feed</em>');
SELECT "left" FROM hogsend_reconcile();
-- Whatever stands between the tags of the program, it has no tag of its own.
CREATE FUNCTION tags(page text) RETURNS TABLE (tag text) LANGUAGE sql AS $$
    SELECT DISTINCT (regexp_matches(regexp_replace(page, '<(style|script)>.*?</\1>', '', 'g'), '<([^/! >]*)', 'g'))[1] $$;
SELECT string_agg(t.tag, ' ' ORDER BY t.tag) AS tags
FROM (SELECT tag FROM tags(hogsend_report()) UNION SELECT tag FROM buckets b, tags(hogsend_report(b.id))) AS t;
SELECT b.id, count(*) FILTER (WHERE page LIKE '%' || shown || '%') > 0 AS is_shown, page ~ '<(script>alert|img|u>|b>|i>)' AS is_markup,
       page ~ E'[\u202A-\u202E\u2066-\u2069]' AS turns
FROM (SELECT b.id, b.name, hogsend_report(b.id) AS page FROM buckets b) AS b
JOIN LATERAL (SELECT replace(replace(replace(replace(replace(replace(replace(b.name, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;'),
              E'\u202E', '[U+202E]'), E'\u2069', '[U+2069]') AS shown) AS s ON true
GROUP BY b.id, page ORDER BY b.id;
SELECT page LIKE '%&lt;u&gt;error&lt;/u&gt;%' AS error, page LIKE '%&lt;b&gt;mailer&lt;/b&gt;%' AS consumer, page LIKE '%&lt;table&gt;%' AS attached,
       page LIKE '%invalid input syntax for type integer: &quot;&lt;script&gt;&quot;%' AS of_a_query
FROM (SELECT hogsend_report() AS page) AS p;
-- Nor has a tag of the program an attribute that is not the program's.
SELECT string_agg(DISTINCT attribute[1], ' ' ORDER BY attribute[1]) AS attributes
FROM buckets b
CROSS JOIN LATERAL regexp_matches(regexp_replace(hogsend_report(b.id), '<(style|script)>.*?</\1>', '', 'g'), '<[^>]*>', 'g') AS tag
CROSS JOIN LATERAL regexp_matches(regexp_replace(tag[1], '"[^"]*"', '', 'g'), ' ([a-z-]+)', 'g') AS attribute;
