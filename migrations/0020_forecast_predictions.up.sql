-- What is expected of each day, by the newest data; bounds at 95 and 80 %. Jobs end in any order: who writes looks at as_of
-- and revision.
CREATE TABLE forecast.predictions_daily (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  date date NOT NULL,
  y_hat double precision NOT NULL,
  y_lo double precision NOT NULL,
  y_hi double precision NOT NULL,
  y_lo80 double precision NOT NULL,
  y_hi80 double precision NOT NULL,
  model_version text NOT NULL,
  as_of date NOT NULL,
  revision bigint NOT NULL,
  job bigint NOT NULL,
  generated_at timestamptz NOT NULL,
  PRIMARY KEY (series, date),
  CONSTRAINT predictions_daily_bounds_check
    CHECK (y_lo <= y_lo80 AND y_lo80 <= y_hat AND y_hat <= y_hi80 AND y_hi80 <= y_hi AND y_lo > '-Infinity' AND y_hi < 'Infinity'),
  CONSTRAINT predictions_daily_as_of_check CHECK (as_of < date)
);
CREATE INDEX predictions_daily_job_idx ON forecast.predictions_daily (job);
-- What was expected of a day at each moment: what scores are made from.
CREATE TABLE forecast.prediction_history (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  date date NOT NULL,
  as_of date NOT NULL,
  y_hat double precision NOT NULL,
  y_lo double precision NOT NULL,
  y_hi double precision NOT NULL,
  y_lo80 double precision NOT NULL,
  y_hi80 double precision NOT NULL,
  model_version text NOT NULL,
  revision bigint NOT NULL,
  job bigint NOT NULL,
  generated_at timestamptz NOT NULL,
  PRIMARY KEY (series, date, as_of),
  CONSTRAINT prediction_history_bounds_check
    CHECK (y_lo <= y_lo80 AND y_lo80 <= y_hat AND y_hat <= y_hi80 AND y_hi80 <= y_hi AND y_lo > '-Infinity' AND y_hi < 'Infinity'),
  CONSTRAINT prediction_history_as_of_check CHECK (as_of < date)
);
-- Sums of days of one job: their bounds are no sums of bounds.
CREATE TABLE forecast.prediction_totals (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  kind text NOT NULL,
  first date NOT NULL,
  last date NOT NULL,
  y_hat double precision NOT NULL,
  y_lo double precision NOT NULL,
  y_hi double precision NOT NULL,
  y_lo80 double precision NOT NULL,
  y_hi80 double precision NOT NULL,
  as_of date NOT NULL,
  revision bigint NOT NULL,
  job bigint NOT NULL,
  PRIMARY KEY (series, kind, first, last),
  CONSTRAINT prediction_totals_kind_check CHECK (kind IN ('week', 'month', 'range')),
  CONSTRAINT prediction_totals_days_check CHECK (first <= last),
  CONSTRAINT prediction_totals_bounds_check
    CHECK (y_lo <= y_lo80 AND y_lo80 <= y_hat AND y_hat <= y_hi80 AND y_hi80 <= y_hi AND y_lo > '-Infinity' AND y_hi < 'Infinity')
);
-- How good forecasts were, by how far ahead they looked: of past origins (backtest) or of what was stored (live).
CREATE TABLE forecast.scores (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  kind text NOT NULL,
  as_of date NOT NULL,
  first_step integer NOT NULL,
  last_step integer NOT NULL,
  days integer NOT NULL,
  mase double precision,
  naive_mase double precision,
  seasonal_mase double precision,
  smape double precision,
  covered95 double precision NOT NULL,
  covered80 double precision NOT NULL,
  model_version text NOT NULL,
  scored_at timestamptz NOT NULL,
  PRIMARY KEY (series, kind, as_of, first_step),
  CONSTRAINT scores_kind_check CHECK (kind IN ('live', 'backtest')),
  CONSTRAINT scores_steps_check CHECK (first_step BETWEEN 1 AND last_step AND days > 0)
);
-- Predictions with what came: the contract for readers by SQL.
CREATE VIEW forecast.current AS
  SELECT p.series, s.unit, p.date, o.value, p.y_hat, p.y_lo, p.y_hi, p.y_lo80, p.y_hi80, p.model_version, p.as_of,
         p.revision, p.job, p.generated_at
  FROM forecast.predictions_daily p
  JOIN forecast.series s ON s.name = p.series
  LEFT JOIN forecast.observations_daily o ON o.series = p.series AND o.date = p.date;
