-- Splits, renames and ends of listing, as each source tells them ("hand": a person). From the open of `day` on: ratio new
-- shares for an old one (10 for 10:1, 0.1 for 1:10, 1: a move that was real), another symbol, or the price that stays.
CREATE TABLE market.corporate_actions (
  symbol text NOT NULL,
  day date NOT NULL,
  kind text NOT NULL,
  ratio numeric,
  new_symbol text,
  price numeric,
  source text NOT NULL,
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (symbol, day, kind, source),
  CONSTRAINT corporate_actions_kind_check CHECK (kind IN ('split', 'rename', 'delisted')),
  CONSTRAINT corporate_actions_ratio_check CHECK ((kind = 'split') = (ratio IS NOT NULL) AND ratio > 0 AND ratio < 'Infinity'::numeric),
  CONSTRAINT corporate_actions_new_symbol_check CHECK ((kind = 'rename') = (new_symbol IS NOT NULL) AND new_symbol <> symbol),
  CONSTRAINT corporate_actions_price_check CHECK ((kind = 'delisted') = (price IS NOT NULL) AND price > 0 AND price < 'Infinity'::numeric)
);
-- Of which moves a source has been asked whether they were a split, so that it is asked once.
CREATE TABLE market.splits_asked (
  source text NOT NULL,
  symbol text NOT NULL,
  day date NOT NULL,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (source, symbol, day)
);
