-- E-mail addresses are trimmed of white space of every kind and lower-cased, whoever writes them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO user_events (user_id, event, user_email) VALUES
    ('u1', 'e', U&'\00A0\2003Ada@Example.COM\200B\FEFF' || E'\t\n'), ('u2', 'e', U&'\3000 \2009');
INSERT INTO contacts (user_id, email) VALUES ('u3', E'\tGrace@Example.com\r\n'), ('u4', 'plain@example.com'), ('u5', NULL);
UPDATE contacts SET email = U&'\00A0NEW@example.com' WHERE user_id = 'u4';
SELECT user_id, email, length(email) FROM contacts ORDER BY 1;
UPDATE contacts SET email = upper(user_id) || ' ';
SELECT user_id, email, length(email) FROM contacts ORDER BY 1;
