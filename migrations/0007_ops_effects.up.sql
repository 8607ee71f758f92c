-- The intent to do something outside that must not happen twice (an order, an e-mail), written first.
CREATE TABLE ops.effects (
  id uuid PRIMARY KEY,
  run_id uuid REFERENCES ops.runs (id) ON DELETE CASCADE,
  kind text NOT NULL,
  idempotency_key text NOT NULL,
  status text NOT NULL,
  request jsonb NOT NULL,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz,
  CONSTRAINT effects_idempotency_key_unique UNIQUE (idempotency_key),
  CONSTRAINT effects_status_check CHECK (status IN ('intent', 'done', 'failed', 'unknown'))
);
CREATE INDEX effects_run_id_idx ON ops.effects (run_id);
