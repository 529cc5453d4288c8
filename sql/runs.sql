-- What a runner says of a run.

COMMENT ON FUNCTION hogsend_sleep(bigint, interval, text, jsonb, bigint) IS 'Lets a run wait for a time; false when it is live no more, or its step was answered by somebody else';
COMMENT ON FUNCTION hogsend_sleep_until(bigint, timestamptz, text, jsonb, bigint) IS 'Lets a run wait until an instant; false when it is live no more, or its step was answered by somebody else';
COMMENT ON FUNCTION hogsend_wait_for(bigint, text, interval, text, jsonb, jsonb, bigint) IS 'Lets a run wait for an event or a transition that the filter lets through, for so long at most; false when it is live no more, or its step was answered by somebody else';
COMMENT ON FUNCTION hogsend_checkpoint(bigint, text, jsonb, bigint) IS 'Notes where a run is, which goes on as it was; false when it is live no more, or its step was answered by somebody else';
COMMENT ON FUNCTION hogsend_complete(bigint, bigint) IS 'Ends a run that has come to its end; false when it is live no more, or its step was answered by somebody else';
COMMENT ON FUNCTION hogsend_fail(bigint, text, bigint) IS 'Ends a run that cannot go on, and keeps the reason; false when it is live no more, or its step was answered by somebody else';
