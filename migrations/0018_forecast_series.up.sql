-- Daily series as they are known: a day without a row is missing.
CREATE SCHEMA IF NOT EXISTS forecast;
CREATE TABLE forecast.series (
  name text PRIMARY KEY,
  unit text,
  zone text NOT NULL DEFAULT 'UTC',
  calendar text NOT NULL DEFAULT 'all',
  season text NOT NULL DEFAULT 'auto',
  zero_means_missing boolean NOT NULL DEFAULT false,
  non_negative boolean,
  holidays text,
  source text,
  lag_days integer NOT NULL DEFAULT 1,
  horizon integer NOT NULL DEFAULT 28,
  nightly boolean NOT NULL DEFAULT false,
  revision bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  CONSTRAINT series_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$'),
  CONSTRAINT series_calendar_check
    CHECK (calendar ~ '^(all|weekdays|nyse|(mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun)){0,6})$'),
  CONSTRAINT series_season_check CHECK (season ~ '^(auto|[1-9][0-9]{0,3}(,[1-9][0-9]{0,3}){0,2})$'),
  CONSTRAINT series_lag_days_check CHECK (lag_days BETWEEN 1 AND 366),
  CONSTRAINT series_horizon_check CHECK (horizon BETWEEN 1 AND 400)
);
CREATE TABLE forecast.observations_daily (
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  date date NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (series, date),
  CONSTRAINT observations_daily_value_check CHECK (value > '-Infinity' AND value < 'Infinity')
);
-- What was changed or removed after it was stored.
CREATE TABLE forecast.observation_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series text NOT NULL REFERENCES forecast.series (name) ON DELETE CASCADE,
  date date NOT NULL,
  was double precision NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX observation_changes_series_idx ON forecast.observation_changes (series, date);
CREATE TABLE forecast.holidays (
  set text NOT NULL,
  date date NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (set, date),
  CONSTRAINT holidays_set_check CHECK (set ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$' AND set <> 'nyse'),
  CONSTRAINT holidays_name_check CHECK (name <> '')
);
