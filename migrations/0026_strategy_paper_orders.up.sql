-- What the paper broker has taken: its own book, in which an order whose answer was lost is found again. Filled at once and whole.
CREATE TABLE trading.paper_orders (
  client_order_id text PRIMARY KEY,
  symbol text NOT NULL,
  side text NOT NULL,
  quantity numeric(30, 9) NOT NULL,
  price numeric(30, 9) NOT NULL,
  fee numeric(18, 2) NOT NULL,
  placed_at timestamptz NOT NULL,
  CONSTRAINT paper_orders_side_check CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT paper_orders_amounts_check CHECK (quantity > 0 AND price > 0 AND fee >= 0)
);
CREATE INDEX paper_orders_placed_at_idx ON trading.paper_orders (placed_at);
