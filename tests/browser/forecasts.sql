-- Series of every kind that a page has to draw, forecast as of 2000-12-26; behind them 500 more, so that the list has pages.
SET timezone = 'UTC';
CREATE FUNCTION pg_temp.value(n int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT round((1000 + n + CASE WHEN n % 7 < 2 THEN -220 ELSE 60 END + 40 * sin(n * 1.7))::numeric, 1)::float8 $$;

INSERT INTO forecast.series (name, unit, holidays, zero_means_missing, nightly, created_at) VALUES
  ('rides', 'thousands', 'nyse', false, true, now()),
  ('nothing', NULL, NULL, false, false, now()),
  ('one-value', NULL, NULL, false, false, now()),
  ('all-missing', 'kg', NULL, true, false, now()),
  ('twenty-years', NULL, NULL, false, false, now()),
  ('gaps', NULL, NULL, false, false, now()),
  ('huge-and-negative', 'units of <b>a very long</b> name that goes on for a while', NULL, false, false, now()),
  ('a.name:of-sixty-three_letters-that-is-the-longest-there-can-be1', NULL, NULL, false, false, now());
INSERT INTO forecast.series (name, created_at) SELECT 's' || lpad(n::text, 3, '0'), now() FROM generate_series(1, 500) n;

-- Days up to 2000-12-26.
INSERT INTO forecast.observations_daily (series, date, value)
  SELECT s.name, date '2000-12-26' - n, s.scale * pg_temp.value(400 - n)
  FROM (VALUES ('rides', 400, 1.0), ('gaps', 200, 0.01), ('huge-and-negative', 90, -1e296), ('one-value', 1, 1),
    ('a.name:of-sixty-three_letters-that-is-the-longest-there-can-be1', 60, 1e-4)) s (name, days, scale),
    LATERAL generate_series(0, s.days - 1) n
  WHERE NOT (s.name = 'gaps' AND (n % 11 IN (3, 4) OR n BETWEEN 20 AND 30));
INSERT INTO forecast.observations_daily (series, date, value)
  SELECT 'all-missing', date '2000-12-26' - n, 0 FROM generate_series(0, 99) n;
INSERT INTO forecast.observations_daily (series, date, value)
  SELECT 'twenty-years', date '2000-12-26' - n, pg_temp.value(n) FROM generate_series(0, 7304) n;
INSERT INTO forecast.observations_daily (series, date, value)
  SELECT 's' || lpad(k::text, 3, '0'), date '2000-12-26' - n, pg_temp.value(60 - n + 7 * k)
  FROM generate_series(1, 500) k, generate_series(0, 59) n;

-- What every forecast said: of each day those that were made 1, 8 and 29 days before.
CREATE TEMP TABLE said AS
  SELECT f.series, d::date AS date, f.ago, f.y, f.y * 0.04 AS near, f.y * (0.06 + 0.002 * f.ago) AS far FROM (
    SELECT series, date + step AS d, step AS ago, CASE WHEN value = 0 THEN 0 ELSE value * (1 + 0.01 * sin(extract(doy FROM date))) END AS y
    FROM forecast.observations_daily, generate_series(1, 29, 7) step
    WHERE series IN ('rides', 'gaps', 'huge-and-negative', 'twenty-years') AND date BETWEEN '2000-10-20' AND date '2000-12-26' - step) f
  UNION ALL
  SELECT o.series, date '2000-12-26' + step, step, o.value, abs(o.value) * 0.02, abs(o.value) * (0.04 + 0.001 * step)
  FROM forecast.observations_daily o, generate_series(1, CASE o.series WHEN 'twenty-years' THEN 400 ELSE 28 END) step
  WHERE o.date = date '2000-12-26' - CASE WHEN o.series = 'one-value' THEN 0 ELSE (7 - step % 7) % 7 END
    AND o.series NOT IN ('nothing', 'all-missing');
INSERT INTO forecast.prediction_history (series, date, as_of, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, revision, job, generated_at)
  SELECT DISTINCT ON (series, date, date - ago) series, date, date - ago, y, y - abs(far), y + abs(far), y - abs(near), y + abs(near), 'pool/1 logs s7 o24', 1, 1,
    '2000-12-27' FROM said ORDER BY series, date, date - ago;
INSERT INTO forecast.predictions_daily (series, date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, as_of, revision, job, generated_at)
  SELECT DISTINCT ON (series, date) series, date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, as_of, revision, job, generated_at
  FROM forecast.prediction_history ORDER BY series, date, as_of DESC;
INSERT INTO forecast.prediction_totals
  SELECT series, kind, min(date), max(date), sum(y_hat), sum(y_hat) - abs(sum(y_hat)) * 0.1, sum(y_hat) + abs(sum(y_hat)) * 0.1,
    sum(y_hat) - abs(sum(y_hat)) * 0.05, sum(y_hat) + abs(sum(y_hat)) * 0.05, max(as_of), 1, 1
  FROM forecast.predictions_daily, (VALUES ('week'), ('month')) k (kind)
  WHERE series NOT LIKE 's___' GROUP BY series, kind, date_trunc(kind, date);
INSERT INTO forecast.scores
  SELECT series, kind, '2000-12-26', first, last, 7 * first, 0.5 + first / 20.0 + (hashtext(series) % 100) / 200.0, 1.1,
    CASE first WHEN 1 THEN 0.9 END, 12.5, 0.94, 0.79, 'pool/1 logs s7 o24', now()
  FROM (SELECT DISTINCT series FROM forecast.predictions_daily) s, (VALUES ('live'), ('backtest')) k (kind),
    (VALUES (1, 7), (8, 28)) f (first, last) WHERE series <> 'one-value';
INSERT INTO jobs.forecast_jobs (key, status, ready_at, max_attempts, payload, created_at, updated_at)
  SELECT 'forecast/rides', 'done', '2000-12-27T02:00:00Z', 3, '{"job_type":"forecast","series":"rides","from":"2000-12-27",'
    '"to":"2001-01-23","as_of":"2000-12-26","revision":1}', '2000-12-27T02:00:00Z', '2000-12-27T02:00:01Z';
ANALYZE;
