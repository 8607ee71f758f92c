-- Fails while there are imported batches: an earlier version cannot tell them apart.
ALTER TABLE ops.batch_origin
  DROP CONSTRAINT batch_origin_origin_check,
  ADD CONSTRAINT batch_origin_origin_check CHECK (origin IN ('live', 'backfill', 'adopted')),
  DROP COLUMN served_model,
  DROP COLUMN template_hash;
DROP TABLE ops.prompt_templates;
