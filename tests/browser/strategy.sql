-- Sessions as pages have to draw them: one that trades on paper, one live that is halted, stale and nobody's, a rehearsal of many
-- trades, one that failed with a text that looks like markup, and enough older ones for a second page of the list.
INSERT INTO trading.users VALUES ('01900000-0000-7000-8000-000000000001', 'ann@example.com', 98833.58, 512.40, now(), now()),
  ('01900000-0000-7000-8000-000000000002', 'bob@example.com', 999999999999.99, 999999999999.98, now(), now());
INSERT INTO trading.strategies (id, user_id, name, symbol, language, code, created_at) VALUES
  ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', 'sma15', 'AAPL', 'builtin', 'sma_cross', now()),
  ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001',
    'A.strategy_of-sixty-three_letters-that-is-the-longest-there-can', 'AAPL', 'python', 'pass', now());
INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, mode, status, trading, reason, epoch, lease_until,
    last_event_at, stale_since, started_at, ended_at, final_pnl, updated_at)
  SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '01900000-0000-7000-8000-000000000001',
    '01900000-0000-7000-8000-000000000001', 'MSFT', 'stock', 'paper', 'STOPPED', 'ACTIVE', NULL, 1, NULL, t, NULL, t,
    t + interval '7 hours', 0, t
  FROM generate_series(1, 40) n, LATERAL (SELECT timestamptz '2000-03-05T14:00:00Z' + n * interval '7 days') d (t);
INSERT INTO trading.sessions (id, user_id, strategy_id, symbol, asset_type, mode, status, trading, reason, epoch, lease_until,
    last_event_at, stale_since, started_at, ended_at, final_pnl, updated_at) VALUES
  ('01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', 'AAPL',
    'stock', 'paper', 'RUNNING', 'ACTIVE', NULL, 3, now() + interval '1 hour', '2000-12-27T14:59:00Z', NULL, '2000-12-27T14:25:00Z',
    NULL, NULL, now()),
  ('01900000-0000-7000-8000-0000000000a2', '01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000002', 'BTC/USD',
    'crypto', 'live', 'RUNNING', 'HALTED', '"><img src=x onerror="globalThis.owned=1"> ' || repeat('a-word-without-an-end', 12), 12,
    now() - interval '1 hour', '2000-12-27T14:00:00Z', '2000-12-27T14:02:00Z', '2000-12-20T14:00:00Z', NULL, NULL, now()),
  ('01900000-0000-7000-8000-0000000000a3', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000001', 'DEMO',
    'stock', 'rehearsal', 'STOPPED', 'ACTIVE', NULL, 1, NULL, '2006-01-06T21:00:00Z', NULL, '2000-12-19T14:00:00Z',
    '2000-12-19T14:01:00Z', 0, now()),
  ('01900000-0000-7000-8000-0000000000a4', '01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 'AAPL',
    'stock', 'paper', 'FAILED', 'ACTIVE', 'line 3: NameError: name ''<b>x</b>'' is not defined', 1, NULL, NULL, NULL,
    '2000-12-18T14:00:00Z', '2000-12-18T14:01:00Z', 0, now());
-- A trade every six minutes of the rehearsal, every fourth one at a loss.
CREATE TEMP TABLE bookings AS
  SELECT s::uuid AS session, n, side, at, price::numeric, quantity::numeric, fee::numeric, metadata::jsonb FROM (
    SELECT '01900000-0000-7000-8000-0000000000a3' AS s, n, CASE n % 2 WHEN 1 THEN 'BUY' ELSE 'SELL' END AS side,
      timestamptz '2006-01-03T14:30:00Z' + n * interval '40 minutes' AS at, 100 + CASE WHEN n % 2 = 1 THEN 0 WHEN n % 8 = 0 THEN -5 ELSE 3 END
      AS price, 10 AS quantity, 0.10 AS fee, '{"sma": 100.5, "why": "crossed"}' AS metadata FROM generate_series(1, 100) n
    UNION ALL VALUES ('01900000-0000-7000-8000-0000000000a1', 1, 'BUY', timestamptz '2000-12-27T14:31:00Z', 200.5, 10, 1.00,
      jsonb_build_object('sma', 199.875, 'note', '"><script>globalThis.owned=1</script>' || repeat('endless', 30))::text),
    ('01900000-0000-7000-8000-0000000000a1', 2, 'SELL', '2000-12-27T14:45:00Z', 210, 4, 0.42, '{}')) v;
INSERT INTO trading.signals (id, session_id, strategy_id, symbol, side, price, quantity, confidence, event_at, ordinal, generated_at,
    metadata, status, reason, created_at, updated_at)
  SELECT md5('signal' || session || n)::uuid, session, '01900000-0000-7000-8000-000000000001'::uuid, 'AAPL', side, price, quantity, 0.8, at,
    0, at, metadata, 'ordered', NULL, at, at FROM bookings
  UNION ALL SELECT md5('no' || n)::uuid, '01900000-0000-7000-8000-0000000000a1',
    '01900000-0000-7000-8000-000000000001', 'AAPL', 'BUY', 205, n, 1, t, 0, t, '{}'::jsonb, (ARRAY['refused', 'missed', 'expired'])[n], (ARRAY['insufficient_funds', 'too old', NULL])[n], t, t
  FROM generate_series(1, 3) n, LATERAL (SELECT timestamptz '2000-12-27T14:40:00Z' + n * interval '1 minute') d (t);
INSERT INTO trading.orders (id, client_order_id, signal_id, session_id, user_id, broker, mode, symbol, asset_type, side, quantity,
    signal_price, limit_price, status, vendor_status, filled_quantity, filled_value, fee, reserved, closed_at, created_at, updated_at)
  SELECT md5('order' || b.session || n)::uuid, 'am-' || md5(session || 'x' || n) || lpad(n::text, 8, '0'),
    md5('signal' || session || n)::uuid, session, s.user_id, 'paper', s.mode, s.symbol, 'stock', b.side, quantity, price, price, 'filled',
    'filled', quantity, quantity * price, fee, 0, at, at, at
  FROM bookings b JOIN trading.sessions s ON s.id = b.session
  UNION ALL SELECT md5('open' || n)::uuid, 'am-' || lpad('', 39, 'f') || n, NULL, '01900000-0000-7000-8000-0000000000a1'::uuid,
    '01900000-0000-7000-8000-000000000001'::uuid, 'alpaca', 'paper', 'AAPL', 'stock', 'BUY', 2.5, 204.96, 204.96,
    (ARRAY['open', 'unknown', 'cancelled'])[n], 'pending_new', 0, 0, 0, CASE n WHEN 1 THEN 512.40 ELSE 0 END,
    CASE n WHEN 3 THEN now() END, '2000-12-27T14:50:00Z', now()
  FROM generate_series(1, 3) n;
INSERT INTO trading.trades (order_id, session_id, user_id, symbol, side, quantity, cumulative_quantity, price, value, fee, cost, realised,
    booked_at)
  SELECT o.id, o.session_id, o.user_id, o.symbol, o.side, o.quantity, o.quantity, o.signal_price, o.filled_value, o.fee,
    CASE o.side WHEN 'SELL' THEN o.quantity * b.price ELSE o.filled_value END,
    CASE o.side WHEN 'SELL' THEN o.filled_value - o.quantity * b.price ELSE 0 END, o.created_at
  FROM trading.orders o JOIN bookings b ON b.session = o.session_id AND b.n = 1 WHERE o.status = 'filled' ORDER BY o.created_at;
INSERT INTO trading.positions VALUES ('01900000-0000-7000-8000-0000000000a1', 'AAPL', 6, 1203.00, 38.00, 1.42, 'paper', now()),
  ('01900000-0000-7000-8000-0000000000a2', 'BTC/USD', 0.123456789, 12345678.90, 0, 0, 'alpaca-live', now());
INSERT INTO market.bars SELECT 'AAPL', '1m', t, c, c, c, c, 1
  FROM generate_series(0, 29) n, LATERAL (SELECT timestamptz '2000-12-27T14:30:00Z' + n * interval '1 minute', 200 + 12 * sin(n / 4.0)) d (t, c);
INSERT INTO trading.switch (trading, reason, changed_at) VALUES ('REDUCING', 'before the holidays', now());
