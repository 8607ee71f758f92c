-- Bars of the market by symbol and timeframe, and the sessions in which strategies trade on them.
-- A price is a double here: what strategies compute with. What is ordered and booked is numeric (the next migration).
CREATE TABLE market.bars (
  symbol text NOT NULL,
  timeframe text NOT NULL,
  ts timestamptz NOT NULL,
  o double precision NOT NULL,
  h double precision NOT NULL,
  l double precision NOT NULL,
  c double precision NOT NULL,
  v double precision NOT NULL,
  PRIMARY KEY (symbol, timeframe, ts),
  CONSTRAINT bars_price_check CHECK (l > 0 AND l <= o AND l <= c AND o <= h AND c <= h AND h < 'infinity' AND v >= 0 AND v < 'infinity')
);
CREATE SCHEMA IF NOT EXISTS trading;
-- virtual_balance is the cash; of it reserved is promised to open orders.
CREATE TABLE trading.users (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  virtual_balance numeric(18, 2) NOT NULL DEFAULT 100000,
  reserved numeric(18, 2) NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT users_reserved_check CHECK (reserved >= 0 AND reserved <= virtual_balance)
);
-- A row never changes: another text under the same name is another row, and the one of before is retired.
CREATE TABLE trading.strategies (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES trading.users (id),
  name text NOT NULL,
  symbol text NOT NULL,
  language text NOT NULL,
  code text NOT NULL,
  params jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  CONSTRAINT strategies_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$'),
  CONSTRAINT strategies_language_check CHECK (language IN ('builtin', 'python')),
  CONSTRAINT strategies_params_check CHECK (jsonb_typeof(params) = 'object')
);
CREATE UNIQUE INDEX strategies_name_idx ON trading.strategies (user_id, name) WHERE retired_at IS NULL;
-- holder, epoch and lease_until: the engine that trades it. state: what its strategy goes on from.
CREATE TABLE trading.sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES trading.users (id),
  strategy_id uuid NOT NULL REFERENCES trading.strategies (id),
  symbol text NOT NULL,
  asset_type text NOT NULL,
  timeframe text NOT NULL DEFAULT '1m',
  mode text NOT NULL,
  status text NOT NULL DEFAULT 'RUNNING',
  trading text NOT NULL DEFAULT 'ACTIVE',
  reason text,
  epoch bigint NOT NULL DEFAULT 0,
  holder jsonb,
  lease_until timestamptz,
  state text,
  last_event_at timestamptz,
  stale_since timestamptz,
  peak_equity numeric(18, 2),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  final_pnl numeric(18, 2),
  updated_at timestamptz NOT NULL,
  CONSTRAINT sessions_asset_type_check CHECK (asset_type IN ('stock', 'crypto')),
  CONSTRAINT sessions_mode_check CHECK (mode IN ('rehearsal', 'paper', 'live')),
  CONSTRAINT sessions_status_check CHECK (status IN ('RUNNING', 'STOPPED', 'FAILED')),
  CONSTRAINT sessions_trading_check CHECK (trading IN ('ACTIVE', 'REDUCING', 'HALTED')),
  CONSTRAINT sessions_timeframe_check CHECK (timeframe ~ '^[1-9][0-9]{0,3}[smhd]$'),
  CONSTRAINT sessions_ended_check CHECK ((status = 'RUNNING') = (ended_at IS NULL))
);
CREATE INDEX sessions_running_idx ON trading.sessions (asset_type, symbol) WHERE status = 'RUNNING';
CREATE INDEX sessions_started_at_idx ON trading.sessions (started_at);
CREATE INDEX sessions_strategy_id_idx ON trading.sessions (strategy_id);
