-- One batch a week: three picks, measured against a benchmark for 14 days. Ids are made by the program.
CREATE TABLE batches (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  run_date date NOT NULL,
  benchmark_symbol text NOT NULL DEFAULT 'SPY',
  benchmark_initial_price numeric NOT NULL,
  status text NOT NULL,
  CONSTRAINT batches_run_date_unique UNIQUE (run_date),
  CONSTRAINT batches_status_check CHECK (status IN ('active', 'completed', 'failed'))
);
