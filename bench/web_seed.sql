-- 520 batches of 3 picks and 14 checkpoints (weekends skipped), and their baselines: what bench/web serves.
INSERT INTO batches (id, run_date, benchmark_symbol, benchmark_initial_price, status)
SELECT md5('b' || i)::uuid, date '2016-01-04' + 7 * i, 'SPY', (400 + i * 0.37)::numeric(12, 4),
       CASE WHEN i >= 518 THEN 'active' ELSE 'completed' END
FROM generate_series(0, 519) i;
INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price)
SELECT md5('p' || i || '.' || k)::uuid, md5('b' || i)::uuid, (ARRAY['AAPL', 'MSFT', 'XOM'])[k],
       (ARRAY['BUY', 'BUY', 'SELL'])[k],
       'Revenue growth & margins improved over the last two quarters; valuation is fair (pick ' || k || ' of week ' || i || ').',
       (100 + k * 10 + i * 0.11)::numeric(12, 4)
FROM generate_series(0, 519) i, generate_series(1, 3) k;
INSERT INTO checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, benchmark_return_pct)
SELECT md5('c' || i || '.' || d)::uuid, md5('b' || i)::uuid, date '2016-01-04' + 7 * i + d - 1,
       CASE WHEN closed THEN 'skipped' ELSE 'computed' END,
       CASE WHEN NOT closed THEN (400 + i * 0.37 + d)::numeric(12, 4) END,
       CASE WHEN NOT closed AND d > 0 THEN (100 * d / (400 + i * 0.37))::numeric(40, 33) END
FROM generate_series(0, 519) i, (SELECT d, d > 0 AND d % 7 IN (6, 0) AS closed FROM (SELECT -2 AS d UNION ALL SELECT generate_series(1, 14)) x) y;
INSERT INTO pick_checkpoint_metrics (id, checkpoint_id, pick_id, current_price, absolute_return_pct, vs_benchmark_pct)
SELECT md5('m' || i || '.' || d || '.' || k)::uuid, md5('c' || i || '.' || d)::uuid, md5('p' || i || '.' || k)::uuid,
       (100 + k * 10 + i * 0.11 + d)::numeric(12, 4), (100 * d / (100 + k * 10 + i * 0.11))::numeric(40, 33),
       (100 * d / (100 + k * 10 + i * 0.11) - 100 * d / (400 + i * 0.37))::numeric(40, 33)
FROM generate_series(0, 519) i, generate_series(1, 14) d, generate_series(1, 3) k
WHERE d % 7 NOT IN (6, 0);
ANALYZE;
