-- Who began an effect: an intent of a process that may be alive is not taken for one that was left behind.
ALTER TABLE ops.effects ADD COLUMN holder jsonb;
