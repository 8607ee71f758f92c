-- The baseline snapshot (benchmark_return_pct null, dated before run_date) and the 14 daily ones.
CREATE TABLE checkpoints (
  id uuid PRIMARY KEY,
  batch_id uuid NOT NULL,
  checkpoint_date date NOT NULL,
  status text NOT NULL,
  benchmark_price numeric,
  benchmark_return_pct numeric,
  CONSTRAINT checkpoints_batch_fk FOREIGN KEY (batch_id) REFERENCES batches (id),
  CONSTRAINT checkpoints_batch_date_unique UNIQUE (batch_id, checkpoint_date),
  CONSTRAINT checkpoints_status_check CHECK (status IN ('computed', 'skipped'))
);
CREATE INDEX checkpoints_batch_id_idx ON checkpoints (batch_id);
