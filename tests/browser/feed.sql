-- Runs of the feed as pages have to draw them: one under way with partitions of every state, texts that are long or look
-- like markup, one of 200 partitions, and enough older ones for a second page of the list.
INSERT INTO feed.run_metadata (run_id, feed, run_type, status, query, query_hash, expected_workers, completed_workers, failed_workers,
    expected_records, counted_records, watermark_before, watermark_after, consolidate_at, error_message, created_at, settled_at,
    finished_at, updated_at)
  SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'nivoda', 'full', 'done', '{}', repeat('0', 64), 30, 30, 0, 428771,
    428771, NULL, t, t, NULL, t, t + interval '40 minutes', t + interval '45 minutes', t
  FROM generate_series(1, 40) n, LATERAL (SELECT timestamptz '2000-03-05T03:00:00Z' + n * interval '7 days') d (t);
INSERT INTO feed.run_metadata (run_id, feed, run_type, status, query, query_hash, expected_workers, completed_workers, failed_workers,
    expected_records, counted_records, watermark_before, watermark_after, error_message, created_at, updated_at) VALUES
  ('01900000-0000-7000-8000-0000000000a1', 'nivoda', 'full', 'running', '{}', repeat('0', 64), 6, 1, 2, 6000, 5990, NULL,
    '2000-12-27T14:00:00Z', NULL, '2000-12-27T14:00:00Z', now()),
  ('01900000-0000-7000-8000-0000000000a2', 'a.feed_of-sixty-three_letters-that-is-the-longest-there-can-be1', 'incremental', 'failed', '{}',
    repeat('1', 64), 200, 0, 200, 0, 0, '2000-12-26T14:00:00Z', '2000-12-27T14:00:00Z',
    '"><img src=x onerror="globalThis.owned=1"> ' || repeat('a-word-without-an-end', 12), '2000-12-27T14:01:00Z', now());
INSERT INTO feed.partition_progress (key, status, ready_at, attempts, max_attempts, payload, error_message, created_at, updated_at,
    next_offset, records, failed_pages)
  SELECT '01900000-0000-7000-8000-0000000000a1/p-00' || n,
    (ARRAY['done', 'running', 'queued', 'dead', 'failed', 'cancelled'])[n], now(), n - 1, 5,
    jsonb_build_object('runId', '01900000-0000-7000-8000-0000000000a1', 'partitionId', 'p-00' || n, 'priceMin', (n - 1) * 1000,
      'priceMax', CASE n WHEN 6 THEN 250000 ELSE n * 1000 END, 'expectedRecords', 1000),
    CASE WHEN n > 3 THEN 'overrun: <b>more</b> than was counted' END, now(), now(), (ARRAY[1003, 500, 0, 12, 0, 0])[n],
    (ARRAY[1003, 500, 0, 12, 0, 0])[n], n - 1
  FROM generate_series(1, 6) n;
INSERT INTO feed.partition_progress (key, status, ready_at, attempts, max_attempts, payload, error_message, created_at, updated_at)
  SELECT '01900000-0000-7000-8000-0000000000a2/p-' || lpad(n::text, 3, '0'), 'dead', now(), 5, 5,
    jsonb_build_object('runId', '01900000-0000-7000-8000-0000000000a2', 'partitionId', 'p-' || lpad(n::text, 3, '0'), 'priceMin', n * 1250 - 1250,
      'priceMax', n * 1250, 'expectedRecords', 0), repeat('nivoda: no answer, ', 20), now(), now()
  FROM generate_series(1, 200) n;
INSERT INTO feed.worker_runs (run_id, partition_id, worker_id, status, records_processed, work_item_payload, started_at, finished_at) VALUES
  ('01900000-0000-7000-8000-0000000000a1', 'p-001', 'host/1/1', 'completed', 1003, '{}', '2000-12-27T14:01:00Z', '2000-12-27T14:09:00Z');
INSERT INTO feed.pages SELECT '01900000-0000-7000-8000-0000000000a1', 'p-002', n, 50 * n, 50, 50, 0, ARRAY[n], now() - interval '10 seconds'
  FROM generate_series(1, 10) n;
INSERT INTO feed.raw_diamonds_nivoda (feed, run_id, supplier_stone_id, offer_id, payload, payload_hash, consolidation_error, fetched_at,
    created_at, updated_at)
  SELECT 'nivoda', '01900000-0000-7000-8000-0000000000a1', 's' || n, 'o' || n, '{}', repeat('a', 64), 'price: <u>none</u>', now(), now(), now()
  FROM generate_series(1, 3) n;
