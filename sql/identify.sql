-- One person, two names.

COMMENT ON FUNCTION hogsend_identify(text, text) IS 'Says that two ids are one person: what the alias did, the user did; false when that was known';
COMMENT ON FUNCTION hogsend_identify(text[], text[]) IS 'Says of pairs of ids that each is one person; returns how many were not known';
