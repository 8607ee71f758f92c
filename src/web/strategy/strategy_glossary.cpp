// The desk's words, as docs/glossary.md has them.

#include "documents.hpp"

namespace am::web {

std::vector<Term> strategy_terms() {
  return {
      {"ACTIVE, REDUCING, HALTED",
       "what a trading session may do, and everything together: buy and sell, sell only, order nothing"},
      {"collar", "how far an order's limit may be away from the price of its signal"},
      {"drawdown", "how far a value is below the highest it had before"},
      {"mode",
       "what a trading session trades with: `rehearsal` (the bars are the clock, no money), `paper` (live bars, no money), "
       "`live` (money)"},
      {"realised",
       "what sales brought in more than what was sold had cost, fees not counted; unrealised is the same of what is still "
       "held, at the last price"},
      {"reserved", "of the cash, what open orders can still cost"},
      {"signal", "what a strategy asks for: BUY or SELL, a price, a quantity, how sure it is, and why"},
      {"stale",
       "what should have happened did not: a slot overdue, a run failed, abandoned or lost; or a clock by which nothing "
       "will; of a trading session: its bars stopped coming, and it sends nothing"},
      {"trading session",
       "one strategy on one symbol for one user, from its start until it is stopped; in tables and commands a session"}};
}

}  // namespace am::web
