#pragma once
// Batches for the report's tests, as they would be read.

#include <string>
#include <vector>

#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

/// Three picks at 100 each (A BUY, B BUY, C SELL) and a benchmark at 1000.
inline BatchHistory history_of(Date run_date, const std::string& picker = "momentum") {
  BatchHistory history;
  history.batch = {.id = "batch-" + run_date.to_string(),
                   .run_date = run_date,
                   .benchmark_symbol = "SPX",
                   .benchmark_initial_price = Decimal(1000),
                   .status = "completed",
                   .picker = picker,
                   .model = "",
                   .served_model = "",
                   .template_hash = "",
                   .price_source = "csv:/m",
                   .origin = "backfill",
                   .picks = {}};
  history.baseline = run_date - 3;
  for (const auto& [ticker, action] :
       {std::pair{"A", Action::buy}, {"B", Action::buy}, {"C", Action::sell}}) {
    history.batch.picks.push_back({history.batch.id + ticker, {ticker, action, "because"}, Decimal(100)});
  }
  return history;
}

inline void add_day(BatchHistory& history, int day, const std::string& benchmark,
                    const std::vector<std::string>& prices) {
  std::map<std::string, Decimal> closes{{"SPX", Decimal::of(benchmark)}};
  for (std::size_t i = 0; i < prices.size(); ++i)
    closes[history.batch.picks[i].pick.ticker] = Decimal::of(prices[i]);
  history.days.push_back(
      *compute_checkpoint(history.batch, checkpoint_date(history.batch.run_date, day), closes));
}

inline void skip_day(BatchHistory& history, int day) {
  history.days.push_back({checkpoint_date(history.batch.run_date, day), false, {}, {}, {}});
}

}  // namespace am::picks
