-- Days whose live scores are not what is stored any more: observed, changed or removed, or predicted anew.
CREATE TABLE forecast.score_marks (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  date date NOT NULL,
  PRIMARY KEY (series, date)
);
INSERT INTO forecast.score_marks (series, date)
  SELECT DISTINCT h.series, h.date FROM forecast.prediction_history h
  JOIN forecast.observations_daily o ON o.series = h.series AND o.date = h.date;
-- Times in which what came was far from what was forecast; one that goes on has not ended.
CREATE TABLE forecast.drifts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  began date NOT NULL,
  ended date,
  reason text NOT NULL,
  mase double precision,
  naive_mase double precision,
  backtest_mase double precision,
  covered95 double precision NOT NULL,
  noticed_at timestamptz NOT NULL,
  CONSTRAINT drifts_reason_check CHECK (reason IN ('error', 'coverage')),
  CONSTRAINT drifts_days_check CHECK (began <= ended)
);
CREATE UNIQUE INDEX drifts_open_idx ON forecast.drifts (series) WHERE ended IS NULL;
CREATE INDEX drifts_series_idx ON forecast.drifts (series, began);
-- What people are told by mail, each once: written with what it tells of.
CREATE TABLE forecast.notices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  made_at timestamptz NOT NULL,
  told_at timestamptz,
  CONSTRAINT notices_kind_check CHECK (kind IN ('drift', 'dead'))
);
CREATE INDEX notices_untold_idx ON forecast.notices (id) WHERE told_at IS NULL;
-- The epoch of which people were told that the job is dead: one that died again after a retry has a later one.
ALTER TABLE jobs.forecast_jobs ADD COLUMN told_epoch bigint;
