// The desk's words, as docs/glossary.md has them.

#include "documents.hpp"

namespace am::web {

std::vector<Term> picks_terms() {
  return {
      {"alpha",
       "what picks earn beyond what the market alone would have given; a mean excess that luck does not explain"},
      {"among other names",
       "the percentile of the picks' record among records in which each picked ticker is exchanged for a random one of the "
       "universe: the report's luck control"},
      {"baseline", "the last session before the run date; its closes are the initial prices"},
      {"batch", "one week's three picks with their benchmark; named by its run date"},
      {"benchmark", "what picks are measured against: SPY, or what `--benchmark` or a market says"},
      {"benchmark, same side",
       "the benchmark's return with the pick's sign: what the same trade in the benchmark earned; of a batch, the mean over "
       "its picks"},
      {"beta",
       "how far a share goes along with the benchmark: (1 + 2 · slope) / 3, the slope that of 89 daily returns up to the "
       "baseline; 1 without history"},
      {"checkpoint", "what is stored for one day of a batch: `computed` with figures, or `skipped` without"},
      {"close", "the price of a symbol at the end of a session"},
      {"complete batch",
       "`completed`, with at least one computed day: what enters the report's figures over all"},
      {"day N", "1 to 14: measures run date + N − 1, due at 9:00 New York time the day after"},
      {"e-value",
       "how strongly the weeks so far speak against \"no skill\"; 20 decides, however often it is read"},
      {"earned",
       "what following the advice earned: the return, its sign flipped for a SELL; of a batch, the mean over its picks; "
       "`directional_return_pct` in files"},
      {"excess",
       "earned minus benchmark, same side, in percentage points and before costs; `directional_excess_pct` in files; the "
       "API's `vs_benchmark_pct` is return minus the benchmark's return, as stored, with no sign flipped"},
      {"hit", "a pick whose excess is above zero once its 14 days are over; before that it is ahead so far"},
      {"hit rate", "share of picks that are hits"},
      {"origin",
       "`live` (made in its own week), `backfill` (later), `adopted` (by an earlier service), `imported` (picks "
       "that were made elsewhere)"},
      {"pick", "ticker, BUY or SELL, reasoning"},
      {"picker", "who picks: `openai`, `momentum`, a file, or somebody elsewhere (`imported`)"},
      {"return", "change of a price over its initial price, in percent; follows the price, also for a SELL"},
      {"run date", "the Monday that names a batch"},
      {"session", "a day on which the New York Stock Exchange is open"},
      {"universe",
       "the symbols that a picker may choose from, and that the report compares the picks with, as of a day"}};
}

}  // namespace am::web
