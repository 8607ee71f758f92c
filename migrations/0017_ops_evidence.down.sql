ALTER TABLE ops.batch_origin DROP COLUMN imported_at;
DROP TABLE ops.discarded_steps;
