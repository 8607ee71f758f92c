-- Like with like: which model really answered, and which template the prompt was made from (its hash, in it no date).
-- Older batches keep what is known. 'imported': picks made elsewhere.
ALTER TABLE ops.batch_origin
  ADD COLUMN served_model text,
  ADD COLUMN template_hash text,
  DROP CONSTRAINT batch_origin_origin_check,
  ADD CONSTRAINT batch_origin_origin_check CHECK (origin IN ('live', 'backfill', 'adopted', 'imported'));
-- The templates themselves, never pruned.
CREATE TABLE ops.prompt_templates (
  hash text PRIMARY KEY,
  template text NOT NULL,
  CONSTRAINT prompt_templates_hash_check CHECK (hash = encode(sha256(convert_to(template, 'UTF8')), 'hex'))
);
