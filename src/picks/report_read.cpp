#include <algorithm>

#include "am/market/action_store.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

/// One row per checkpoint and metric (a skipped day has one row and no metric).
std::string days_sql() {
  return "SELECT c.batch_id::text AS batch_id, coalesce(to_char(c.checkpoint_date, 'YYYY-MM-DD'), c.checkpoint_date::text) AS day, c.status, "
         "c.benchmark_price::text AS benchmark_price, c.benchmark_return_pct::text AS benchmark_return_pct, "
         "m.pick_id::text AS pick_id, p.ticker, m.current_price::text AS current_price, "
         "m.absolute_return_pct::text AS absolute_return_pct, m.vs_benchmark_pct::text AS vs_benchmark_pct "
         "FROM public.checkpoints c JOIN public.batches b ON b.id = c.batch_id "
         "LEFT JOIN public.pick_checkpoint_metrics m ON m.checkpoint_id = c.id LEFT JOIN public.picks p ON p.id = m.pick_id "
         "WHERE b.run_date IN (" +
         std::string(store::kNewestDates) + ") ORDER BY b.run_date, c.checkpoint_date, p.ticker";
}

/// Reads the rows of one batch's days. A day of which a number cannot be right is none that was measured.
class DayReader {
 public:
  DayReader(BatchHistory& history, const kernel::Row& row) : history_(history), row_(row) {}

  void read() {
    const Date date = row_.date("day");
    if (history_.days.empty() || history_.days.back().date != date) {
      const bool stored = row_.text("status") == "computed";
      const bool computed = stored && history_.batch.baseline_problem.empty();
      history_.days.push_back({date, computed, {}, {}, {}, stored && !computed});
      day().benchmark_price = price("public.checkpoints", "benchmark_price");
      day().benchmark_return_pct = figure("public.checkpoints", "benchmark_return_pct");
    }
    if (!row_.is_null("pick_id")) {
      const std::string table = "public.pick_checkpoint_metrics " + row_.text("ticker");
      const auto current = price(table, "current_price");
      const auto absolute = figure(table, "absolute_return_pct");
      const auto excess = figure(table, "vs_benchmark_pct");
      if (current && absolute && excess)
        day().metrics.push_back({row_.text("pick_id"), *current, *absolute, *excess});
    }
    if (!day().computed) day() = {date, false, {}, {}, {}, day().unreadable};
  }

 private:
  Checkpoint& day() { return history_.days.back(); }

  std::optional<Decimal> price(const std::string& table, const char* column) {
    const auto text = row_.maybe_text(column);
    if (!text) return std::nullopt;
    const Result<Decimal> price = market::parse_price(*text);
    if (price) return *price;
    return doubt(table, column, *text, price.error().reason);
  }

  std::optional<Decimal> figure(const std::string& table, const char* column) {
    const auto text = row_.maybe_text(column);
    if (!text) return std::nullopt;
    const auto value = Decimal::parse(*text);
    return value ? value : doubt(table, column, *text, "is not a number");
  }

  std::nullopt_t doubt(const std::string& table, const char* column, const std::string& value,
                       const std::string& why) {
    const std::string run_date = history_.batch.run_date.to_string();
    const int number = day().date - history_.batch.run_date + 1;
    const std::string of = " of batch " + run_date + " day " + std::to_string(number) + ": ";
    history_.doubts.push_back(
        {table + of + column + " " + market::short_number(value) + " " + why + "; the day is left out",
         "measure it again: am checkpoint --batch " + run_date + " --day " + std::to_string(number) +
             " --force",
         day().date});
    day().computed = false;
    day().unreadable = true;
    return std::nullopt;
  }

  BatchHistory& history_;
  const kernel::Row& row_;
};

/// A checkpoint of no day ("infinity"), which another program stored: said once.
void doubt_day(BatchHistory& history, const std::string& stored) {
  const Date none = history.batch.run_date - 1;  // of its days
  Doubt doubt{"public.checkpoints of batch " + history.batch.run_date.to_string() + ": checkpoint_date " +
                  stored + " is no day; the row is left out",
              "another program wrote it: look at where it comes from", none};
  const bool said =
      std::ranges::any_of(history.doubts, [&](const Doubt& other) { return other.problem == doubt.problem; });
  if (!said) history.doubts.push_back(std::move(doubt));
}

}  // namespace

std::vector<kernel::Statement> history_statements(std::optional<DateRange> run_dates,
                                                  std::optional<int> most) {
  kernel::Statement batches = store::newest(run_dates, most);
  kernel::Statement days{days_sql(), batches.values};
  return {std::move(batches), std::move(days), market::actions_statement()};
}

std::vector<BatchHistory> histories_of(const std::vector<kernel::Rows>& results) {
  std::vector<BatchHistory> histories;
  std::map<std::string, std::size_t> index;
  for (Batch& batch : store::batches_of(results.at(0))) {
    index.emplace(batch.id, histories.size());
    const Date baseline = baseline_session(batch.run_date);
    histories.push_back({std::move(batch), baseline, {}});
    const Batch& read = histories.back().batch;
    if (!read.baseline_problem.empty()) {
      histories.back().doubts.push_back({read.baseline_problem + "; the batch's days are left out",
                                         "take the baseline again: am run-weekly --run-date " +
                                             market::week_monday(read.run_date).to_string()});
    }
  }
  const kernel::Rows& rows = results.at(1);
  for (const kernel::Row row : rows) {
    BatchHistory& history = histories[index.at(row.text("batch_id"))];
    const std::optional<Date> day = Date::parse(row.text("day"));
    if (!day) {
      doubt_day(history, row.text("day"));
      continue;
    }
    if (*day < history.batch.run_date) {
      history.baseline = *day;
      continue;
    }
    if (*day > checkpoint_date(history.batch.run_date, kDays)) continue;
    DayReader(history, row).read();
  }
  const std::vector<market::CorporateAction> actions = market::actions_of(results.at(2));
  for (BatchHistory& history : histories) {
    history.moves = doubtful_moves(history.batch, history.baseline, history.days, actions);
    history.notes = action_notes(history.batch, history.baseline, history.days, actions, history.moves);
  }
  return histories;
}

std::vector<BatchHistory> read_histories(kernel::Db& db, std::optional<DateRange> run_dates) {
  return histories_of(kernel::read_snapshot(db, history_statements(run_dates)));
}

}  // namespace am::picks
