-- A finished step is never run again: a rerun replays its output.
CREATE TABLE ops.steps (
  run_id uuid NOT NULL REFERENCES ops.runs (id) ON DELETE CASCADE,
  name text NOT NULL,
  input_hash text NOT NULL,
  output jsonb,
  attempts integer NOT NULL DEFAULT 1,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (run_id, name, input_hash)
);
