-- Manual buckets.

COMMENT ON FUNCTION hogsend_add_member(text, text, boolean) IS 'Adds a user to a manual bucket, without a word if silent; false when they were in it';
COMMENT ON FUNCTION hogsend_add_member(text, text[], boolean) IS 'Adds users to a manual bucket, without a word if silent; returns how many were not in it';
COMMENT ON FUNCTION hogsend_remove_member(text, text) IS 'Removes a user from a manual bucket; false when they were not in it';
COMMENT ON FUNCTION hogsend_remove_member(text, text[]) IS 'Removes users from a manual bucket; returns how many were in it';
