DROP INDEX ops.events_subject_idx;
ALTER TABLE ops.events DROP COLUMN subject;
