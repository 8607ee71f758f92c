-- The queue of the forecast desk: the columns that every queue has, and what of the payload is looked for.
CREATE SCHEMA IF NOT EXISTS jobs;
CREATE TABLE jobs.forecast_jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')),
  priority smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 3),
  ready_at timestamptz NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  holder jsonb,
  payload jsonb NOT NULL,
  error_message text,
  sent_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  job_type text GENERATED ALWAYS AS (payload ->> 'job_type') STORED,
  series text GENERATED ALWAYS AS (payload ->> 'series') STORED,
  target_from date GENERATED ALWAYS AS (make_date(split_part(payload ->> 'from', '-', 1)::integer,
    split_part(payload ->> 'from', '-', 2)::integer, split_part(payload ->> 'from', '-', 3)::integer)) STORED,
  target_to date GENERATED ALWAYS AS (make_date(split_part(payload ->> 'to', '-', 1)::integer,
    split_part(payload ->> 'to', '-', 2)::integer, split_part(payload ->> 'to', '-', 3)::integer)) STORED,
  CONSTRAINT forecast_jobs_job_type_check CHECK (job_type IN ('forecast', 'backtest')),
  CONSTRAINT forecast_jobs_series_check CHECK (series IS NOT NULL),
  CONSTRAINT forecast_jobs_range_check CHECK (target_from <= target_to)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX ON jobs.forecast_jobs (priority, ready_at, id) INCLUDE (status) WHERE status IN ('queued', 'running');
CREATE INDEX ON jobs.forecast_jobs (status, id) WHERE status IN ('failed', 'dead');
CREATE INDEX ON jobs.forecast_jobs (series, target_from);
