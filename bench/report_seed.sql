-- Ten years of one picker: 520 weekly batches over a universe of 100 symbols whose closes are cached from a vendor. What
-- bench/picks reports on.
\set ON_ERROR_STOP on
CREATE TEMP TABLE walk AS
SELECT 'S' || lpad(s::text, 3, '0') AS symbol, d::date AS day, 50 + s + sum(((hashtext(s || '.' || d::date) % 1000) / 1000.0 +
       0.3 * (hashtext('m' || d::date) % 1000) / 1000.0)::numeric) OVER (PARTITION BY s ORDER BY d) * 0.2 AS close
FROM generate_series(0, 100) s, generate_series(date '2015-07-01', date '2026-01-10', interval '1 day') d
WHERE extract(isodow FROM d) < 6;
INSERT INTO market.daily_closes (source, symbol, day, close, fetched_at)
SELECT 'alpha-vantage', CASE symbol WHEN 'S000' THEN 'SPY' ELSE symbol END, day, round(greatest(close, 5), 4), now() FROM walk;
CREATE TEMP TABLE week AS
SELECT md5('b' || i)::uuid AS id, i, date '2016-01-04' + 7 * i AS monday FROM generate_series(0, 519) i;
INSERT INTO batches (id, run_date, benchmark_symbol, benchmark_initial_price, status)
SELECT w.id, w.monday, 'SPY', c.close, 'completed' FROM week w JOIN market.daily_closes c ON c.symbol = 'SPY' AND c.day = w.monday - 3;
INSERT INTO ops.batch_origin (batch_id, picker, model, price_source, origin)
SELECT id, 'openai', 'gpt-4o-mini', 'alpha-vantage', 'live' FROM week;
INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price)
SELECT md5('p' || w.i || '.' || k)::uuid, w.id, c.symbol, (ARRAY['BUY', 'BUY', 'SELL'])[k], 'Margins improved (week ' || w.i || ').', c.close
FROM week w, generate_series(1, 3) k, LATERAL (SELECT 'S' || lpad((1 + (w.i / 3 * 7 + k * 31) % 100)::text, 3, '0') AS symbol) s
JOIN market.daily_closes c USING (symbol) WHERE c.day = w.monday - 3;
INSERT INTO checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, benchmark_return_pct)
SELECT md5('c' || w.i || '.' || d)::uuid, w.id, w.monday + d, CASE WHEN c.close IS NULL THEN 'skipped' ELSE 'computed' END, c.close,
       CASE WHEN d >= 0 THEN ((c.close / b.benchmark_initial_price - 1) * 100)::numeric(40, 30) END
FROM week w JOIN batches b USING (id) CROSS JOIN (SELECT -3 AS d UNION ALL SELECT generate_series(0, 13)) days
LEFT JOIN market.daily_closes c ON c.symbol = 'SPY' AND c.day = w.monday + d;
INSERT INTO pick_checkpoint_metrics (id, checkpoint_id, pick_id, current_price, absolute_return_pct, vs_benchmark_pct)
SELECT md5(c.id::text || p.id::text)::uuid, c.id, p.id, q.close, r, r - c.benchmark_return_pct
FROM checkpoints c JOIN picks p USING (batch_id) JOIN market.daily_closes q ON q.symbol = p.ticker AND q.day = c.checkpoint_date,
LATERAL (SELECT ((q.close / p.initial_price - 1) * 100)::numeric(40, 30) AS r) x
WHERE c.benchmark_return_pct IS NOT NULL;
ANALYZE;
