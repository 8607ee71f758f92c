-- A supplier's inventory, fetched in partitions: runs, what of them is done, and the stones as they came.
CREATE SCHEMA IF NOT EXISTS feed;
CREATE TABLE feed.run_metadata (
  run_id uuid PRIMARY KEY,
  feed text NOT NULL,
  run_type text NOT NULL,
  status text NOT NULL DEFAULT 'running',
  query json NOT NULL,
  query_hash text NOT NULL,
  expected_workers integer NOT NULL,
  completed_workers integer NOT NULL DEFAULT 0,
  failed_workers integer NOT NULL DEFAULT 0,
  expected_records bigint NOT NULL,
  counted_records bigint NOT NULL,
  watermark_before timestamptz,
  watermark_after timestamptz NOT NULL,
  consolidate_at timestamptz,
  decisions integer NOT NULL DEFAULT 0,
  told_decision integer NOT NULL DEFAULT 0,
  error_message text,
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz NOT NULL,
  CONSTRAINT run_metadata_feed_check CHECK (feed ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$'),
  CONSTRAINT run_metadata_run_type_check CHECK (run_type IN ('full', 'incremental')),
  CONSTRAINT run_metadata_status_check CHECK (status IN ('running', 'settled', 'done', 'failed', 'cancelled')),
  CONSTRAINT run_metadata_query_hash_check CHECK (query_hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT run_metadata_workers_check CHECK (
    expected_workers >= 0 AND completed_workers >= 0 AND failed_workers >= 0
    AND completed_workers + failed_workers <= expected_workers)
);
-- One open run of each kind.
CREATE UNIQUE INDEX run_metadata_open_idx ON feed.run_metadata (feed, run_type) WHERE status IN ('running', 'settled');
CREATE INDEX run_metadata_created_at_idx ON feed.run_metadata (created_at);
CREATE INDEX run_metadata_kind_idx ON feed.run_metadata (feed, run_type, created_at);
-- The queue: the columns that every queue has, and how far a partition has come.
CREATE TABLE feed.partition_progress (
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
  run_id uuid GENERATED ALWAYS AS ((payload ->> 'runId')::uuid) STORED REFERENCES feed.run_metadata (run_id) ON DELETE CASCADE,
  partition_id text GENERATED ALWAYS AS (payload ->> 'partitionId') STORED,
  next_offset bigint NOT NULL DEFAULT 0,
  records bigint NOT NULL DEFAULT 0,
  failed_pages integer NOT NULL DEFAULT 0,
  CONSTRAINT partition_progress_run_partition_key UNIQUE (run_id, partition_id),
  CONSTRAINT partition_progress_payload_check CHECK (payload ? 'runId' AND payload ? 'partitionId'),
  CONSTRAINT partition_progress_next_offset_check CHECK (next_offset >= 0 AND records >= 0 AND failed_pages >= 0)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX ON feed.partition_progress (priority, ready_at, id) INCLUDE (status) WHERE status IN ('queued', 'running');
CREATE INDEX ON feed.partition_progress (status, id) WHERE status IN ('failed', 'dead');
-- One row for each partition that a worker has begun: its state in words that outlive the queue's.
CREATE TABLE feed.worker_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES feed.run_metadata (run_id) ON DELETE CASCADE,
  partition_id text NOT NULL,
  worker_id text NOT NULL,
  status text NOT NULL,
  records_processed bigint NOT NULL DEFAULT 0,
  work_item_payload jsonb NOT NULL,
  error_message text,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  CONSTRAINT worker_runs_run_partition_key UNIQUE (run_id, partition_id),
  CONSTRAINT worker_runs_status_check CHECK (status IN ('running', 'completed', 'failed')),
  CONSTRAINT worker_runs_records_check CHECK (records_processed >= 0)
);
-- A page counts once: it is there with what it wrote, or it is not there.
CREATE TABLE feed.pages (
  run_id uuid NOT NULL REFERENCES feed.run_metadata (run_id) ON DELETE CASCADE,
  partition_id text NOT NULL,
  page integer NOT NULL,
  at_offset bigint NOT NULL,
  received integer NOT NULL,
  new integer NOT NULL,
  changed integer NOT NULL,
  ids bigint[] NOT NULL,
  fetched_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, partition_id, page)
);
-- A stone as the supplier last told it. json, not jsonb: as it came, which jsonb would refuse (\u0000, lone surrogates).
CREATE TABLE feed.raw_diamonds_nivoda (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  feed text NOT NULL,
  run_id uuid NOT NULL,
  supplier_stone_id text NOT NULL,
  offer_id text NOT NULL,
  source_updated_at timestamptz,
  payload json NOT NULL,
  payload_hash text NOT NULL,
  consolidated boolean NOT NULL DEFAULT false,
  consolidation_error text,
  fetched_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT raw_diamonds_nivoda_stone_key UNIQUE (feed, supplier_stone_id),
  CONSTRAINT raw_diamonds_nivoda_payload_hash_check CHECK (payload_hash ~ '^[0-9a-f]{64}$')
);
CREATE INDEX raw_diamonds_nivoda_pending_idx ON feed.raw_diamonds_nivoda (id)
  WHERE NOT consolidated AND consolidation_error IS NULL;
DO $$ BEGIN
  ALTER TABLE feed.raw_diamonds_nivoda ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;  -- a server without lz4 keeps its own
END $$;
-- Up to when an inventory is known, by feed and filter. Only a complete run moves it, never back.
CREATE TABLE feed.watermarks (
  feed text NOT NULL,
  query_hash text NOT NULL,
  watermark timestamptz NOT NULL,
  run_id uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (feed, query_hash)
);
