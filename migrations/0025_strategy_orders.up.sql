-- From a signal to what is booked of it. Quantities and prices have 9 places, money is in cents.
-- checks: what was asked about it, in order, with what was found. answer: what its sender was told, and is told again.
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
  checks jsonb,
  answer_status integer,
  answer text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT signals_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT signals_status_check CHECK (status IN ('pending', 'ordered', 'refused', 'missed', 'expired'))
);
CREATE INDEX signals_session_idx ON trading.signals (session_id, created_at);
CREATE INDEX signals_pending_idx ON trading.signals (session_id) WHERE status = 'pending';
-- An order without a signal sells all that its session holds: somebody said flatten. holder: the process that places it.
-- not_before: the broker takes it from then on. reserved: of its user's cash, until it is closed.
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
  fee_quantity numeric(30, 9) NOT NULL DEFAULT 0,
  reserved numeric(18, 2) NOT NULL DEFAULT 0,
  holder jsonb,
  not_before timestamptz,
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
CREATE INDEX orders_user_idx ON trading.orders (user_id, created_at);
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
  fee_quantity numeric(30, 9) NOT NULL DEFAULT 0,
  cost numeric(18, 2) NOT NULL,
  realised numeric(18, 2) NOT NULL,
  booked_at timestamptz NOT NULL,
  UNIQUE (order_id, cumulative_quantity),
  CONSTRAINT trades_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT trades_quantity_check CHECK (quantity > 0)
);
CREATE INDEX trades_session_idx ON trading.trades (session_id, id);
-- broker: where it is held. realised and fees: of all its trades.
CREATE TABLE trading.positions (
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  symbol text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  cost numeric(18, 2) NOT NULL,
  realised numeric(18, 2) NOT NULL DEFAULT 0,
  fees numeric(18, 2) NOT NULL DEFAULT 0,
  broker text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (session_id, symbol),
  CONSTRAINT positions_long_check CHECK (quantity >= 0 AND cost >= 0)
);
-- What a broker took of a position beside its orders, as it said later; below 0: it took less than was booked.
CREATE TABLE trading.fee_corrections (
  broker text NOT NULL,
  fee_id text NOT NULL,
  session_id uuid NOT NULL REFERENCES trading.sessions (id),
  symbol text NOT NULL,
  day date NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  booked_at timestamptz NOT NULL,
  PRIMARY KEY (broker, fee_id, session_id)
);
CREATE INDEX fee_corrections_session_idx ON trading.fee_corrections (session_id);
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
CREATE INDEX cash_entries_deposits_idx ON trading.cash_entries (user_id) WHERE kind IN ('deposit', 'correction');
-- What everything may do, whatever its session says: one row.
CREATE TABLE trading.switch (
  everything boolean PRIMARY KEY DEFAULT true CHECK (everything),
  trading text NOT NULL DEFAULT 'ACTIVE',
  reason text,
  changed_at timestamptz NOT NULL,
  CONSTRAINT switch_trading_check CHECK (trading IN ('ACTIVE', 'REDUCING', 'HALTED'))
);
-- Which process looks after a broker's open orders: one at a time.
CREATE TABLE trading.gateways (
  broker text PRIMARY KEY,
  holder jsonb,
  lease_until timestamptz,
  updated_at timestamptz NOT NULL
);
-- What a broker holds beside what was booked here: somebody looked at it, and adopted it.
CREATE TABLE trading.adopted (
  broker text NOT NULL,
  symbol text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  adopted_at timestamptz NOT NULL,
  PRIMARY KEY (broker, symbol)
);
CREATE FUNCTION trading.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;
CREATE TRIGGER trades_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trading.trades
  FOR EACH STATEMENT EXECUTE FUNCTION trading.refuse_change();
CREATE TRIGGER cash_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trading.cash_entries
  FOR EACH STATEMENT EXECUTE FUNCTION trading.refuse_change();
CREATE TRIGGER fee_corrections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trading.fee_corrections
  FOR EACH STATEMENT EXECUTE FUNCTION trading.refuse_change();
