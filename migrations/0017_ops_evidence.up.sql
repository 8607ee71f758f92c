-- What a model was asked and answered stays, also when a person has a run forgotten, so that it is done anew.
CREATE TABLE ops.discarded_steps (
  run_id uuid NOT NULL,
  job text NOT NULL,
  slot text NOT NULL,
  name text NOT NULL,
  input_hash text NOT NULL,
  output jsonb NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  discarded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, name, input_hash)
);
CREATE INDEX discarded_steps_job_slot_idx ON ops.discarded_steps (job, slot);
-- When picks that were made elsewhere came in: after their Monday they can have been chosen with hindsight.
ALTER TABLE ops.batch_origin ADD COLUMN imported_at timestamptz;
