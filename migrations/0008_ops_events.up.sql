-- What happened, for people. Written in the transaction of the change itself.
CREATE TABLE ops.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL,
  batch_id uuid,
  run_id uuid,
  data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX events_batch_id_idx ON ops.events (batch_id, id DESC);
