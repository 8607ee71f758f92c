-- Where a batch came from. Written with the batch, never pruned: reports do not mix pickers or origins.
CREATE TABLE ops.batch_origin (
  batch_id uuid PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
  picker text NOT NULL,
  model text,
  prompt_hash text,
  price_source text NOT NULL,
  origin text NOT NULL,
  CONSTRAINT batch_origin_origin_check CHECK (origin IN ('live', 'backfill', 'adopted'))
);
-- Batches that are here already were made by the earlier service: OpenAI picks, Alpha Vantage closes.
INSERT INTO ops.batch_origin (batch_id, picker, price_source, origin)
SELECT id, 'openai', 'alpha-vantage', 'adopted' FROM batches;
