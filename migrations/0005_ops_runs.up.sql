-- The run ledger: one row per (job, slot). The epoch fences out whoever lost the lease.
CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE ops.runs (
  id uuid PRIMARY KEY,
  job text NOT NULL,
  slot text NOT NULL,
  status text NOT NULL,
  epoch bigint NOT NULL DEFAULT 1,
  attempt integer NOT NULL DEFAULT 1,
  params jsonb NOT NULL DEFAULT '{}',
  holder jsonb,
  lease_until timestamptz,
  not_before timestamptz,
  error jsonb,
  recovered_from text,
  business_now timestamptz,
  version text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  CONSTRAINT runs_job_slot_unique UNIQUE (job, slot),
  CONSTRAINT runs_status_check CHECK (status IN ('running', 'done', 'deferred', 'failed', 'interrupted', 'abandoned'))
);
CREATE INDEX runs_unfinished_idx ON ops.runs (started_at) WHERE status <> 'done';
CREATE INDEX runs_started_at_idx ON ops.runs (started_at);
