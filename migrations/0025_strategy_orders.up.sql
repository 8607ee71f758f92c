-- From a signal to what is booked of it. Quantities and prices have 9 places, money is in cents.
CREATE TABLE trading.signals (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  strategy_id uuid NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL,
  price numeric(30, 9) NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  confidence double precision NOT NULL,
  event_at timestamptz,
  ordinal integer,
  generated_at timestamptz NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'pending',
  reason text,
  answer_status integer,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT signals_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT signals_status_check CHECK (status IN ('pending', 'ordered', 'refused', 'missed', 'expired'))
);
CREATE INDEX signals_session_idx ON trading.signals (session_id, created_at);
CREATE INDEX signals_pending_idx ON trading.signals (session_id) WHERE status = 'pending';
CREATE TABLE trading.orders (
  id uuid PRIMARY KEY,
  client_order_id text NOT NULL UNIQUE,
  signal_id uuid UNIQUE REFERENCES trading.signals (id),
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  user_id uuid NOT NULL REFERENCES trading.users (id),
  broker text NOT NULL,
  mode text NOT NULL,
  symbol text NOT NULL,
  asset_type text NOT NULL,
  side text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  signal_price numeric(30, 9) NOT NULL,
  limit_price numeric(30, 9) NOT NULL,
  status text NOT NULL DEFAULT 'intent',
  vendor_status text,
  broker_order_id text,
  reason text,
  filled_quantity numeric(30, 9) NOT NULL DEFAULT 0,
  filled_value numeric(18, 2) NOT NULL DEFAULT 0,
  fee numeric(18, 2) NOT NULL DEFAULT 0,
  reserved numeric(18, 2) NOT NULL DEFAULT 0,
  holder jsonb,
  placed_at timestamptz,
  cancel_at timestamptz,
  cancel_asked_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT orders_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT orders_status_check CHECK (status IN ('intent', 'placing', 'unknown', 'open', 'filled', 'cancelled', 'rejected')),
  CONSTRAINT orders_amounts_check CHECK (quantity > 0 AND filled_quantity >= 0 AND filled_quantity <= quantity AND reserved >= 0),
  CONSTRAINT orders_closed_check CHECK ((status IN ('filled', 'cancelled', 'rejected')) = (closed_at IS NOT NULL))
);
CREATE INDEX orders_open_idx ON trading.orders (created_at) WHERE closed_at IS NULL;
CREATE INDEX orders_session_idx ON trading.orders (session_id, created_at);
-- One row for each growth of an order's filled quantity: never changed, never removed.
CREATE TABLE trading.trades (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES trading.orders (id),
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  user_id uuid NOT NULL REFERENCES trading.users (id),
  symbol text NOT NULL,
  side text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  cumulative_quantity numeric(30, 9) NOT NULL,
  price numeric(30, 9) NOT NULL,
  value numeric(18, 2) NOT NULL,
  fee numeric(18, 2) NOT NULL,
  cost numeric(18, 2) NOT NULL,
  realised numeric(18, 2) NOT NULL,
  booked_at timestamptz NOT NULL,
  UNIQUE (order_id, cumulative_quantity),
  CONSTRAINT trades_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT trades_quantity_check CHECK (quantity > 0)
);
CREATE INDEX trades_session_idx ON trading.trades (session_id, id);
CREATE TABLE trading.positions (
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  symbol text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  cost numeric(18, 2) NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (session_id, symbol),
  CONSTRAINT positions_long_check CHECK (quantity >= 0 AND cost >= 0)
);
-- Every movement of a user's cash.
CREATE TABLE trading.cash_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES trading.users (id),
  kind text NOT NULL,
  amount numeric(18, 2) NOT NULL,
  balance numeric(18, 2) NOT NULL,
  trade_id bigint REFERENCES trading.trades (id),
  created_at timestamptz NOT NULL,
  CONSTRAINT cash_entries_kind_check CHECK (kind IN ('deposit', 'trade', 'fee', 'correction'))
);
CREATE INDEX cash_entries_user_idx ON trading.cash_entries (user_id, id);
-- What everything may do, whatever its session says: one row.
CREATE TABLE trading.switch (
  everything boolean PRIMARY KEY DEFAULT true CHECK (everything),
  trading text NOT NULL DEFAULT 'ACTIVE',
  reason text,
  changed_at timestamptz NOT NULL,
  CONSTRAINT switch_trading_check CHECK (trading IN ('ACTIVE', 'REDUCING', 'HALTED'))
);
CREATE FUNCTION trading.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;
CREATE TRIGGER trades_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trading.trades
  FOR EACH STATEMENT EXECUTE FUNCTION trading.refuse_change();
CREATE TRIGGER cash_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trading.cash_entries
  FOR EACH STATEMENT EXECUTE FUNCTION trading.refuse_change();
