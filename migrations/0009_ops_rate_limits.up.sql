-- The shared request budget: one row per key to lock and pause, one row per reserved or sent request.
CREATE TABLE ops.rate_limits (
  key text PRIMARY KEY,
  paused_until timestamptz,
  pause_reason text
);
CREATE TABLE ops.rate_slots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL REFERENCES ops.rate_limits (key) ON DELETE CASCADE,
  reserved_until timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX rate_slots_key_used_at_idx ON ops.rate_slots (key, used_at);
