-- Final closes, asked for once per source. Raw and adjusted closes differ by source and never mix.
CREATE SCHEMA IF NOT EXISTS market;
CREATE TABLE market.daily_closes (
  source text NOT NULL,
  symbol text NOT NULL,
  day date NOT NULL,
  close numeric NOT NULL,
  fetched_at timestamptz NOT NULL,
  PRIMARY KEY (source, symbol, day),
  CONSTRAINT daily_closes_close_check CHECK (close > 0 AND close < 'Infinity'::numeric)
);
