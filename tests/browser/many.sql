-- Ten years of batches: 520 Mondays back from 2026-01-26, the newest one under way.
INSERT INTO batches (id, run_date, benchmark_initial_price, status)
  SELECT md5('b' || n)::uuid, date '2026-01-26' - 7 * n, 400, CASE WHEN n = 0 THEN 'active' ELSE 'completed' END
  FROM generate_series(0, 519) n;
INSERT INTO ops.batch_origin (batch_id, picker, model, price_source, origin)
  SELECT id, 'openai', 'gpt-4o-mini', 'alpha-vantage', 'live' FROM batches;
INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price)
  SELECT md5(b.id::text || t)::uuid, b.id, t, CASE t WHEN 'BRK.B' THEN 'SELL' ELSE 'BUY' END, 'because', 100
  FROM batches b, unnest('{AAPL,BRK.B,MSFT}'::text[]) t;
INSERT INTO checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, benchmark_return_pct)
  SELECT md5(b.id::text || n)::uuid, b.id, d, CASE WHEN w THEN 'skipped' ELSE 'computed' END,
    CASE WHEN w THEN NULL ELSE 400 + n END, CASE WHEN w OR n = 0 THEN NULL ELSE n / 4.0 END
  FROM batches b, generate_series(0, 14) n,
    LATERAL (SELECT CASE n WHEN 0 THEN b.run_date - 3 ELSE b.run_date + n - 1 END) x (d),
    LATERAL (SELECT extract(isodow FROM d) > 5) y (w)
  WHERE d < '2026-01-28';
INSERT INTO pick_checkpoint_metrics (id, checkpoint_id, pick_id, current_price, absolute_return_pct, vs_benchmark_pct)
  SELECT md5(c.id::text || p.id::text)::uuid, c.id, p.id, 100 + r, r, r - c.benchmark_return_pct
  FROM checkpoints c JOIN picks p ON p.batch_id = c.batch_id,
    LATERAL (SELECT round(((hashtext(c.id::text || p.ticker) % 1000) / 100.0)::numeric, 2)) x (r)
  WHERE c.benchmark_return_pct IS NOT NULL;
