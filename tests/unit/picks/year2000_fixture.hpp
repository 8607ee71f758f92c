#pragma once
// The 50 Mondays of 2000 on the bundled market, as the jobs would store them: momentum's picks, the closes of the baseline,
// fourteen days. In memory, without a database.

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "am/market/calendar.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/beta.hpp"
#include "am/picks/history.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

struct Year2000 {
  std::vector<std::string> symbols;  ///< the universe
  ClosesBySymbol closes;
  std::vector<BatchHistory> histories;

  std::vector<const BatchHistory*> group() const {
    std::vector<const BatchHistory*> all;
    for (const BatchHistory& history : histories) all.push_back(&history);
    return all;
  }
  std::vector<Date> baselines() const {
    std::vector<Date> all;
    for (const BatchHistory& history : histories) all.push_back(history.baseline);
    return all;
  }
};

inline BatchHistory measured_batch(Date run_date, std::vector<Pick> picks, const ClosesBySymbol& closes) {
  std::ranges::sort(picks, {}, &Pick::ticker);
  BatchHistory history;
  history.baseline = baseline_session(run_date);
  history.batch.id = "batch-" + run_date.to_string();
  history.batch.run_date = run_date;
  history.batch.benchmark_symbol = "SPX";
  history.batch.benchmark_initial_price = *closes.at("SPX").find(history.baseline);
  history.batch.status = "completed";
  history.batch.picker = "momentum";
  history.batch.price_source = "csv:/market";
  history.batch.origin = "backfill";
  for (const Pick& pick : picks) {
    history.batch.picks.push_back(
        {history.batch.id + pick.ticker, pick, *closes.at(pick.ticker).find(history.baseline)});
  }
  for (int day = 1; day <= kDays; ++day) {
    const Date date = checkpoint_date(run_date, day);
    if (!market::is_session(date)) {
      history.days.push_back({date, false, {}, {}, {}});
      continue;
    }
    std::map<std::string, Decimal> of_day;
    for (const std::string& symbol : symbols_of(history.batch))
      of_day[symbol] = *closes.at(symbol).find(date);
    history.days.push_back(*compute_checkpoint(history.batch, date, of_day));
  }
  return history;
}

inline Year2000 year_2000() {
  market::CsvMarket market(std::filesystem::path(AM_SOURCE_DIR) / "examples" / "market");
  Year2000 year;
  year.symbols = market.universe().symbols;
  for (const std::string& symbol : year.symbols)
    year.closes[symbol] = market.fetch(symbol, market::kCalendarRange);
  year.closes["SPX"] = market.fetch("SPX", market::kCalendarRange);
  const auto picker = make_momentum_picker(market, market.universe());
  for (Date monday{2000, 1, 10}; monday <= Date(2000, 12, 18); monday = monday + 7)
    year.histories.push_back(measured_batch(monday, picker->pick(monday, "SPX").picks, year.closes));
  return year;
}

}  // namespace am::picks
