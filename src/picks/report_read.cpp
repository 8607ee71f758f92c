#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "store_pg.hpp"

namespace am::picks {

namespace {

/// One row per checkpoint and metric (a skipped day has one row and no metric).
std::string days_sql() {
  return "SELECT c.batch_id::text AS batch_id, to_char(c.checkpoint_date, 'YYYY-MM-DD') AS day, c.status, "
         "c.benchmark_price::text AS benchmark_price, c.benchmark_return_pct::text AS benchmark_return_pct, "
         "m.pick_id::text AS pick_id, m.current_price::text AS current_price, "
         "m.absolute_return_pct::text AS absolute_return_pct, m.vs_benchmark_pct::text AS vs_benchmark_pct "
         "FROM public.checkpoints c JOIN public.batches b ON b.id = c.batch_id "
         "LEFT JOIN public.pick_checkpoint_metrics m ON m.checkpoint_id = c.id LEFT JOIN public.picks p ON p.id = m.pick_id "
         "WHERE b.run_date IN (" +
         std::string(store::kNewestDates) + ") ORDER BY b.run_date, c.checkpoint_date, p.ticker";
}

}  // namespace

std::vector<kernel::Statement> history_statements(std::optional<DateRange> run_dates,
                                                  std::optional<int> most) {
  kernel::Statement batches = store::newest(run_dates, most);
  kernel::Statement days{days_sql(), batches.values};
  return {std::move(batches), std::move(days)};
}

std::vector<BatchHistory> histories_of(const std::vector<kernel::Rows>& results) {
  std::vector<BatchHistory> histories;
  std::map<std::string, std::size_t> index;
  for (Batch& batch : store::batches_of(results.at(0))) {
    index.emplace(batch.id, histories.size());
    const Date baseline = baseline_session(batch.run_date);
    histories.push_back({std::move(batch), baseline, {}});
  }
  const kernel::Rows& rows = results.at(1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const kernel::Row row = rows[i];
    BatchHistory& history = histories[index.at(row.text("batch_id"))];
    const Date day = row.date("day");
    if (day < history.batch.run_date) {
      history.baseline = day;
      continue;
    }
    if (day > checkpoint_date(history.batch.run_date, kDays)) continue;
    if (history.days.empty() || history.days.back().date != day) {
      history.days.push_back({day,
                              row.text("status") == "computed",
                              row.maybe_decimal("benchmark_price"),
                              row.maybe_decimal("benchmark_return_pct"),
                              {}});
    }
    if (row.is_null("pick_id")) continue;
    history.days.back().metrics.push_back({row.text("pick_id"), row.decimal("current_price"),
                                           row.decimal("absolute_return_pct"),
                                           row.decimal("vs_benchmark_pct")});
  }
  return histories;
}

std::vector<BatchHistory> read_histories(kernel::Db& db, std::optional<DateRange> run_dates) {
  return histories_of(kernel::read_snapshot(db, history_statements(run_dates)));
}

}  // namespace am::picks
