-- Query buckets: membership follows what a query returns.

COMMENT ON FUNCTION hogsend_refresh(text)
    IS 'Brings the members of a query bucket in line with its query now: how many entered and left, or the error for which they stay as they are';
