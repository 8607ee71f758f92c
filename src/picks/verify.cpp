#include "am/picks/verify.hpp"

#include <algorithm>

#include "am/kernel/new_york.hpp"
#include "am/market/action_store.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "verify_batch.hpp"

namespace am::picks {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

std::vector<market::CorporateAction> read_actions(kernel::Sql& sql) {
  return market::actions_of(sql.query(market::actions_statement().sql));
}

/// The next batch after `after`, with its picks; nothing at the end.
std::optional<VerifyBatch> next_batch(kernel::Sql& sql, std::optional<Date> after,
                                      std::optional<DateRange> range) {
  const std::optional<Date> first = range ? std::optional(range->first) : std::nullopt;
  const std::optional<Date> last = range ? std::optional(range->last) : std::nullopt;
  const Rows rows = sql.query(
      "SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, b.benchmark_symbol, "
      "b.benchmark_initial_price::text AS benchmark_initial_price, b.status, "
      "(extract(epoch from b.created_at) * 1000000)::bigint AS created_at, o.origin, "
      "coalesce(o.price_source, 'alpha-vantage') AS price_source, p.id::text AS pick_id, "
      "p.ticker, "
      "p.initial_price::text AS initial_price "
      "FROM (SELECT * FROM public.batches WHERE ($1::date IS NULL OR run_date > $1::date) "
      "AND ($2::date IS NULL OR run_date >= $2::date) AND ($3::date IS NULL OR run_date <= $3::date) "
      "ORDER BY run_date LIMIT 1) b LEFT JOIN ops.batch_origin o ON o.batch_id = b.id "
      "LEFT JOIN public.picks p ON p.batch_id = b.id ORDER BY p.ticker",
      sql_values(after, first, last));
  if (rows.empty()) return std::nullopt;
  const Row head = rows[0];
  VerifyBatch batch;
  batch.id = head.text("id");
  batch.run_date = head.date("run_date");
  batch.benchmark_symbol = head.text("benchmark_symbol");
  batch.benchmark_initial_price = head.text("benchmark_initial_price");
  batch.status = head.text("status");
  batch.created_at = head.micros("created_at");
  batch.origin = head.maybe_text("origin");
  batch.price_source = head.text("price_source");
  for (const Row row : rows) {
    if (!row.is_null("pick_id"))
      batch.picks.push_back({row.text("pick_id"), row.text("ticker"), row.text("initial_price")});
  }
  return batch;
}

std::size_t count_batches(kernel::Sql& sql, std::optional<DateRange> range) {
  const Rows rows = sql.query(
      "SELECT count(*) AS batches FROM public.batches WHERE ($1::date IS NULL OR run_date >= $1::date) "
      "AND ($2::date IS NULL OR run_date <= $2::date)",
      sql_values(range ? std::optional(range->first) : std::nullopt,
                 range ? std::optional(range->last) : std::nullopt));
  return static_cast<std::size_t>(rows.only().integer("batches"));
}

void read_days(kernel::Sql& sql, VerifyBatch& batch) {
  const Rows rows = sql.query(
      "SELECT c.id::text AS id, to_char(c.checkpoint_date, 'YYYY-MM-DD') AS day, c.status, "
      "c.benchmark_price::text AS benchmark_price, c.benchmark_return_pct::text AS benchmark_return_pct, "
      "m.pick_id::text AS pick_id, m.current_price::text AS current_price, "
      "m.absolute_return_pct::text AS absolute_return_pct, m.vs_benchmark_pct::text AS vs_benchmark_pct "
      "FROM public.checkpoints c LEFT JOIN public.pick_checkpoint_metrics m ON m.checkpoint_id = c.id "
      "WHERE c.batch_id = $1::uuid ORDER BY c.checkpoint_date, m.pick_id",
      sql_values(batch.id));
  for (const Row row : rows) {
    if (batch.days.empty() || batch.days.back().id != row.text("id")) {
      batch.days.push_back({row.text("id"),
                            row.date("day"),
                            row.text("status"),
                            row.maybe_text("benchmark_price"),
                            row.maybe_text("benchmark_return_pct"),
                            {}});
    }
    if (row.is_null("pick_id")) continue;
    batch.days.back().metrics.push_back({row.text("pick_id"), row.text("current_price"),
                                         row.text("absolute_return_pct"), row.text("vs_benchmark_pct")});
  }
}

void read_runs(kernel::Sql& sql, VerifyBatch& batch) {
  std::vector<kernel::SqlValue> slots;
  for (int day = 1; day <= kDays; ++day) slots.push_back(batch.id + ":" + std::to_string(day));
  const Rows rows = sql.query(
      "SELECT id::text AS id, slot, status FROM ops.runs WHERE (job = $1 AND slot = $2) OR (job = $3 AND slot = ANY "
      "($4::text[]))",
      sql_values(kWeeklyJob, batch.run_date, kCheckpointJob, kernel::sql_array(slots)));
  auto& runs = batch.runs.emplace();
  for (const Row row : rows) {
    runs.emplace(row.text("slot"), VerifyRun{row.text("id"), row.text("status")});
  }
}

void read_closes(kernel::Sql& sql, VerifyBatch& batch) {
  std::vector<kernel::SqlValue> symbols;
  const Date last = batch.run_date + kDays;
  const auto add = [&](const std::string& ticker) {
    for (Date day = batch.run_date; day <= last; day = day + 1) {
      const std::string symbol =
          market::symbol_on(batch.actions, ticker, baseline_session(batch.run_date), day);
      for (const std::string& spelling : market::spellings_of(day == batch.run_date ? ticker : symbol)) {
        if (std::ranges::find(symbols, kernel::SqlValue(spelling)) == symbols.end())
          symbols.emplace_back(spelling);
      }
    }
  };
  add(batch.benchmark_symbol);
  for (const VerifyPick& pick : batch.picks) add(pick.ticker);
  const Rows rows = sql.query(
      "SELECT c.symbol, to_char(c.day, 'YYYY-MM-DD') AS day, c.close::text AS close, "
      "(extract(epoch from c.fetched_at) * 1000000)::bigint AS fetched_at FROM market.daily_closes c "
      "JOIN ops.batch_origin o ON o.price_source = c.source WHERE o.batch_id = $1::uuid AND c.symbol = ANY "
      "($2::text[]) "
      "AND c.day BETWEEN $3::date AND $4::date ORDER BY c.fetched_at",
      sql_values(batch.id, kernel::sql_array(symbols),
                 market::previous_session(baseline_session(batch.run_date)), last));
  const bool adjusts = market::adjustment_of(batch.price_source) == market::Adjustment::at_fetch;
  for (const Row row : rows) {
    const std::pair at{market::canonical_symbol(row.text("symbol")), row.date("day")};
    batch.closes.emplace(at, row.text("close"));
    if (adjusts) batch.bases.emplace(at, kernel::new_york_date(row.micros("fetched_at")));
  }
}

/// What the ledger says of the closes of a csv: directory, day by day.
void read_recorded(kernel::Sql& sql, VerifyBatch& batch) {
  if (!batch.price_source.starts_with("csv:")) return;
  std::vector<kernel::SqlValue> slots;
  for (int day = 1; day <= kDays; ++day) slots.push_back(batch.id + ":" + std::to_string(day));
  const Rows rows = sql.query(
      "SELECT r.slot, coalesce(s.output->>'adjusted', '') AS adjusted, p->>'ticker' AS ticker, p->>'raw_close' AS "
      "raw_close FROM ops.runs r JOIN ops.steps s ON s.run_id = r.id AND s.finished_at IS NOT NULL LEFT JOIN LATERAL "
      "jsonb_array_elements(CASE WHEN jsonb_typeof(s.output->'prices') = 'array' THEN s.output->'prices' END) p ON true "
      "WHERE r.job = $1 AND r.slot = ANY ($2::text[])",
      sql_values(kCheckpointJob, kernel::sql_array(slots)));
  for (const Row row : rows) {
    const auto slot = CheckpointSlot::parse(row.text("slot"));
    if (!slot) continue;
    VerifyBatch::Recorded& day = batch.recorded[checkpoint_date(batch.run_date, slot->day)];
    day.adjusted = row.text("adjusted") == "true";
    if (!row.is_null("ticker") && !row.is_null("raw_close"))
      day.raw.emplace(row.text("ticker"), row.text("raw_close"));
  }
}

std::optional<Instant> pruned_before(kernel::Sql& sql) {
  const Rows rows = sql.query(
      "SELECT (extract(epoch from max((data->>'before')::timestamptz)) * 1000000)::bigint AS before "
      "FROM ops.events WHERE kind = $1",
      sql_values(kPrunedEvent));
  return rows.only().maybe_micros("before");
}

/// Each row of the statement is a finding: what, expected, got.
void find_all(kernel::Sql& sql, std::string_view statement, const kernel::SqlValues& values,
              Verification& into) {
  const Rows rows = sql.query(statement, values);
  for (const Row row : rows) {
    into.find({row.text("run_date"), row.text("what"), row.text("expected"),
               market::short_number(row.text("got"))});
  }
}

/// Runs that are done, and what they should have left behind.
void check_ledger(kernel::Sql& sql, Verification& into) {
  find_all(sql,
           "SELECT r.slot AS run_date, 'weekly run ' || r.id AS what, 'a batch, since it is done' AS "
           "expected, 'none' AS got "
           "FROM ops.runs r WHERE r.job = $1 AND r.status = 'done' "
           "AND NOT EXISTS (SELECT 1 FROM public.batches b "
           "WHERE to_char(date_trunc('week', b.run_date), 'YYYY-MM-DD') = r.slot) "
           "ORDER BY r.slot LIMIT 1001",
           sql_values(kWeeklyJob), into);
  find_all(sql,
           "SELECT coalesce(to_char(b.run_date, 'YYYY-MM-DD'), '') AS run_date, 'checkpoint run ' || r.slot "
           "AS what, "
           "'a checkpoint, since it is done' AS expected, 'none' AS got FROM ops.runs r "
           "LEFT JOIN public.batches b ON b.id::text = split_part(r.slot, ':', 1) "
           "WHERE r.job = $1 AND r.status = 'done' AND NOT EXISTS (SELECT 1 FROM public.checkpoints c WHERE "
           "c.batch_id = b.id "
           "AND (c.checkpoint_date - b.run_date + 1)::text = split_part(r.slot, ':', 2)) ORDER BY r.slot "
           "LIMIT 1001",
           sql_values(kCheckpointJob), into);
  find_all(sql,
           "SELECT '' AS run_date, 'step ' || s.name || ' of ' || r.job || ' ' || r.slot AS what, "
           "'finished, since the run is done' AS expected, 'unfinished' AS got "
           "FROM ops.runs r JOIN ops.steps s ON s.run_id = r.id "
           "WHERE r.job IN ($1, $2) AND r.status = 'done' AND s.finished_at IS NULL ORDER BY r.slot, s.name "
           "LIMIT 1001",
           sql_values(kWeeklyJob, kCheckpointJob), into);
}

/// Closes that are kept although they cannot be right: whoever needs one asks for it anew.
void check_closes(kernel::Sql& sql, Verification& into) {
  find_all(
      sql,
      "SELECT '' AS run_date, 'market.daily_closes (' || source || ', ' || symbol || ', ' || day || ')' AS "
      "what, $1::text || ' to ' || $2::text AS expected, close::text AS got FROM market.daily_closes "
      "WHERE close NOT BETWEEN $1::numeric AND $2::numeric ORDER BY source, symbol, day LIMIT 1001",
      sql_values(market::kLowestPrice, market::kHighestPrice), into);
}

}  // namespace

Verification verify_data(kernel::Db& db, std::optional<DateRange> run_dates,
                         const kernel::VerifyProgress& progress) {
  const std::unique_ptr<kernel::Transaction> snapshot = db.begin(true);
  snapshot->query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  Verification result;
  const std::optional<Instant> pruned = pruned_before(*snapshot);
  const std::size_t batches = progress ? count_batches(*snapshot, run_dates) : 0;
  const std::vector<market::CorporateAction> actions = read_actions(*snapshot);
  std::optional<Date> after;
  while (std::optional<VerifyBatch> batch = next_batch(*snapshot, after, run_dates)) {
    read_days(*snapshot, *batch);
    read_runs(*snapshot, *batch);
    batch->actions = market::actions_for(actions, batch->price_source);
    read_closes(*snapshot, *batch);
    read_recorded(*snapshot, *batch);
    check_batch(*batch, pruned, result);
    after = batch->run_date;
    if (progress) progress(static_cast<std::size_t>(result.batches), batches);
  }
  if (!run_dates) {
    check_ledger(*snapshot, result);
    check_closes(*snapshot, result);
  }
  result.noun = "batch";
  result.member = "run_date";
  result.counts = {{"batches", result.batches},
                   {"adopted", result.adopted},
                   {"checkpoints", result.checkpoints},
                   {"metrics", result.metrics},
                   {"figures", result.figures}};
  result.looked_at = std::to_string(result.batches) + " batches, " + std::to_string(result.checkpoints) +
                     " checkpoints, " + std::to_string(result.figures) + " figures derived again";
  return result;
}

std::optional<std::vector<Finding>> verify_rows(kernel::Db& db, Date run_date) {
  const std::unique_ptr<kernel::Transaction> snapshot = db.begin(true);
  std::optional<VerifyBatch> batch = next_batch(*snapshot, std::nullopt, DateRange{run_date, run_date});
  if (!batch) return std::nullopt;
  read_days(*snapshot, *batch);
  batch->actions = market::actions_for(read_actions(*snapshot), batch->price_source);
  read_closes(*snapshot, *batch);
  read_recorded(*snapshot, *batch);
  Verification result;
  check_batch(*batch, std::nullopt, result);
  return std::move(result.findings);
}

}  // namespace am::picks
