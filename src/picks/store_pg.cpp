#include "store_pg.hpp"

#include <map>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/kernel/ids.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks::store {

using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_values;
using kernel::SqlValues;

namespace {

Error not_found(const Selector& which) {
  if (which.column == "latest")
    return {ErrorKind::no_input, "batch latest: there is no batch yet", "make one with: am run-weekly"};
  return {ErrorKind::no_input, "batch " + which.value + ": not found", "list them with: am report"};
}

std::string where(const Selector& which) {
  if (which.column == "id") return "b.id = $1::uuid";
  if (which.column == "run_date") return "b.run_date = $1::date";
  return "$1::text IS NOT NULL AND b.run_date = (SELECT max(run_date) FROM public.batches)";
}

/// A batch without an origin was written by the earlier service, whose picker and price source are known.
kernel::Statement select(const std::string& condition, SqlValues values) {
  return {
      "SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, b.benchmark_symbol, "
      "b.benchmark_initial_price::text AS benchmark_initial_price, b.status, coalesce(o.picker, 'openai') AS "
      "picker, "
      "coalesce(o.model, '') AS model, coalesce(o.served_model, '') AS served_model, coalesce(o.template_hash, '') "
      "AS template_hash, (extract(epoch from o.imported_at) * 1000000)::bigint AS imported_at, coalesce(o.price_source, 'alpha-vantage') AS price_source, "
      "coalesce(o.origin, 'adopted') AS origin, "
      "p.id::text AS pick_id, p.ticker, p.action, p.reasoning, p.initial_price::text AS initial_price "
      "FROM public.batches b LEFT JOIN ops.batch_origin o ON o.batch_id = b.id LEFT JOIN public.picks p ON p.batch_id = "
      "b.id "
      "WHERE " +
          condition + " ORDER BY b.run_date, p.ticker",
      std::move(values)};
}

Decimal initial_price(const Row& row, const char* column, const std::string& table, Batch& batch) {
  const std::string& text = row.text(column);
  const Result<Decimal> price = market::parse_price(text);
  if (price) return *price;
  if (batch.baseline_problem.empty()) {
    batch.baseline_problem = table + " of " + batch.run_date.to_string() + ": " + column + " " +
                             market::short_number(text) + " " + price.error().reason;
  }
  return Decimal::parse(text).value_or(Decimal());
}

std::vector<Batch> read(kernel::Sql& sql, const std::string& condition, SqlValues values) {
  const kernel::Statement statement = select(condition, std::move(values));
  return batches_of(sql.query(statement.sql, statement.values));
}

}  // namespace

std::vector<Batch> batches_of(const Rows& rows) {
  std::vector<Batch> batches;
  for (const Row row : rows) {
    if (batches.empty() || batches.back().id != row.text("id")) {
      batches.push_back({row.text("id"),
                         row.date("run_date"),
                         row.text("benchmark_symbol"),
                         {},
                         row.text("status"),
                         row.text("picker"),
                         row.text("model"),
                         row.text("served_model"),
                         row.text("template_hash"),
                         row.text("price_source"),
                         row.text("origin"),
                         {}});
      batches.back().benchmark_initial_price =
          initial_price(row, "benchmark_initial_price", "public.batches", batches.back());
      batches.back().imported_at = row.maybe_micros("imported_at");
    }
    if (row.is_null("pick_id")) continue;
    const std::string table = "public.picks " + row.text("ticker");
    batches.back().picks.push_back(
        {row.text("pick_id"),
         {row.text("ticker"), row.text("action") == "SELL" ? Action::sell : Action::buy,
          row.text("reasoning")},
         initial_price(row, "initial_price", table, batches.back())});
  }
  return batches;
}

Selector::Selector(const std::string& text) : value(text) {
  if (text == "latest") {
    column = "latest";
  } else if (is_uuid(text)) {
    column = "id";
  } else if (Date::parse(text)) {
    column = "run_date";
  } else {
    throw Error(ErrorKind::usage,
                "--batch " + ellipsize(text, 40) + ": expected a uuid, a run date (YYYY-MM-DD) or latest");
  }
}

DayState day_state(kernel::Sql& sql, const Selector& which, int day) {
  const Rows rows = sql.query(
      "SELECT b.id::text AS id, to_char(b.run_date, 'YYYY-MM-DD') AS run_date, coalesce(c.status, '') AS "
      "status "
      "FROM public.batches b LEFT JOIN public.checkpoints c ON c.batch_id = b.id AND c.checkpoint_date = b.run_date + "
      "$2::int - 1 WHERE " +
          where(which),
      sql_values(which.value, day));
  if (rows.empty()) throw not_found(which);
  return {rows[0].text("id"), rows[0].date("run_date"), rows[0].text("status")};
}

Batch load(kernel::Sql& sql, const Selector& which) {
  std::vector<Batch> found = read(sql, where(which), sql_values(which.value));
  if (found.empty()) throw not_found(which);
  return std::move(found.front());
}

std::optional<Batch> find_by_date(kernel::Sql& sql, Date run_date) {
  std::vector<Batch> found = read(sql, "b.run_date = $1::date", sql_values(run_date));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<Batch> find_by_week(kernel::Sql& sql, Date day) {
  std::vector<Batch> found =
      read(sql, "b.run_date BETWEEN $1::date AND $1::date + 6", sql_values(market::week_monday(day)));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<Batch> list(kernel::Sql& sql, const std::optional<std::string>& status,
                        std::optional<DateRange> run_dates) {
  const std::optional<Date> first = run_dates ? std::optional(run_dates->first) : std::nullopt;
  const std::optional<Date> last = run_dates ? std::optional(run_dates->last) : std::nullopt;
  return read(sql,
              "($1::text IS NULL OR b.status = $1) AND ($2::date IS NULL OR b.run_date >= $2::date) "
              "AND ($3::date IS NULL OR b.run_date <= $3::date)",
              sql_values(status, first, last));
}

kernel::Statement newest(std::optional<DateRange> run_dates, std::optional<int> most) {
  const std::optional<Date> first = run_dates ? std::optional(run_dates->first) : std::nullopt;
  const std::optional<Date> last = run_dates ? std::optional(run_dates->last) : std::nullopt;
  return select("b.run_date IN (" + std::string(kNewestDates) + ")", sql_values(first, last, most));
}

std::set<Date> checkpoint_dates(kernel::Sql& sql, const std::string& batch_id) {
  const Rows rows = sql.query(
      "SELECT to_char(checkpoint_date, 'YYYY-MM-DD') AS day FROM public.checkpoints WHERE batch_id = $1::uuid",
      sql_values(batch_id));
  std::set<Date> dates;
  for (const Row row : rows) dates.insert(row.date("day"));
  return dates;
}

std::string insert(kernel::Sql& sql, const Batch& batch, Date baseline, const Evidence& evidence) {
  sql.query(
      "INSERT INTO public.batches (id, run_date, benchmark_symbol, benchmark_initial_price, status) "
      "VALUES ($1::uuid, $2::date, $3, $4::numeric, $5)",
      sql_values(batch.id, batch.run_date, batch.benchmark_symbol, batch.benchmark_initial_price,
                 batch.status));
  SqlValues ids;
  SqlValues tickers;
  SqlValues actions;
  SqlValues reasonings;
  SqlValues prices;
  for (const StoredPick& stored : batch.picks) {
    ids.push_back(stored.id);
    tickers.push_back(stored.pick.ticker);
    actions.push_back(std::string(action_name(stored.pick.action)));
    reasonings.push_back(stored.pick.reasoning);
    prices.push_back(stored.initial_price.to_string());
  }
  sql.query(
      "INSERT INTO public.picks (id, batch_id, ticker, action, reasoning, initial_price) "
      "SELECT i, $1::uuid, t, a, r, p FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], "
      "$6::numeric[]) "
      "AS u (i, t, a, r, p)",
      sql_values(batch.id, sql_array(ids), sql_array(tickers), sql_array(actions), sql_array(reasonings),
                 sql_array(prices)));
  std::string checkpoint_id = kernel::new_id();
  sql.query(
      "INSERT INTO public.checkpoints (id, batch_id, checkpoint_date, status, benchmark_price) "
      "VALUES ($1::uuid, $2::uuid, $3::date, 'computed', $4::numeric)",
      sql_values(checkpoint_id, batch.id, baseline, batch.benchmark_initial_price));
  if (!evidence.template_text.empty()) {
    sql.query(
        "INSERT INTO ops.prompt_templates (hash, template) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
        sql_values(batch.template_hash, evidence.template_text));
  }
  sql.query(
      "INSERT INTO ops.batch_origin (batch_id, picker, model, served_model, template_hash, prompt_hash, price_source, "
      "origin, imported_at) "
      "VALUES ($1::uuid, $2, nullif($3, ''), nullif($4, ''), nullif($5, ''), nullif($6, ''), $7, $8, $9::timestamptz)",
      sql_values(batch.id, batch.picker, batch.model, batch.served_model, batch.template_hash,
                 evidence.prompt_hash, batch.price_source, batch.origin, batch.imported_at));
  return checkpoint_id;
}

void lock(kernel::Sql& sql, const std::string& batch_id) {
  sql.query("SELECT 1 FROM public.batches WHERE id = $1::uuid FOR UPDATE", sql_values(batch_id));
}

std::optional<std::string> checkpoint_id(kernel::Sql& sql, const std::string& batch_id, Date date) {
  const Rows rows = sql.query(
      "SELECT id::text AS id FROM public.checkpoints WHERE batch_id = $1::uuid AND checkpoint_date = $2::date",
      sql_values(batch_id, date));
  return rows.empty() ? std::nullopt : std::optional(rows[0].text("id"));
}

bool write(kernel::Sql& sql, const std::string& batch_id, const std::string& new_id,
           const Checkpoint& checkpoint, bool force) {
  const std::string on_conflict =
      force ? "DO UPDATE SET status = excluded.status, benchmark_price = excluded.benchmark_price, "
              "benchmark_return_pct = excluded.benchmark_return_pct"
            : "DO NOTHING";
  const Rows stored = sql.query(
      "INSERT INTO public.checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, "
      "benchmark_return_pct) "
      "VALUES ($1::uuid, $2::uuid, $3::date, $4, $5::numeric, $6::numeric) "
      "ON CONFLICT (batch_id, checkpoint_date) " +
          on_conflict + " RETURNING id::text AS id",
      sql_values(new_id, batch_id, checkpoint.date, checkpoint.computed ? "computed" : "skipped",
                 checkpoint.benchmark_price, checkpoint.benchmark_return_pct));
  if (stored.empty()) return false;
  const std::string& id = stored[0].text("id");
  if (checkpoint.metrics.empty()) {
    if (force)
      sql.query("DELETE FROM public.pick_checkpoint_metrics WHERE checkpoint_id = $1::uuid", sql_values(id));
    return true;
  }
  SqlValues ids;
  SqlValues picks;
  SqlValues prices;
  SqlValues absolutes;
  SqlValues excesses;
  for (const Metric& metric : checkpoint.metrics) {
    ids.push_back(kernel::new_id());
    picks.push_back(metric.pick_id);
    prices.push_back(metric.current_price.to_string());
    absolutes.push_back(metric.absolute_return_pct.to_string());
    excesses.push_back(metric.vs_benchmark_pct.to_string());
  }
  sql.query(
      "INSERT INTO public.pick_checkpoint_metrics (id, checkpoint_id, pick_id, current_price, absolute_return_pct, "
      "vs_benchmark_pct) "
      "SELECT i, $1::uuid, p, c, a, v FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[], "
      "$6::numeric[]) "
      "AS u (i, p, c, a, v) ON CONFLICT (checkpoint_id, pick_id) DO UPDATE SET current_price = "
      "excluded.current_price, "
      "absolute_return_pct = excluded.absolute_return_pct, vs_benchmark_pct = excluded.vs_benchmark_pct",
      sql_values(id, sql_array(ids), sql_array(picks), sql_array(prices), sql_array(absolutes),
                 sql_array(excesses)));
  return true;
}

std::optional<std::string> settle_status(kernel::Sql& sql, const std::string& batch_id) {
  const Rows rows = sql.query(
      "WITH days AS (SELECT b.id, b.status AS old, CASE WHEN count(c.id) = 14 THEN 'completed' ELSE 'active' "
      "END AS new "
      "FROM public.batches b LEFT JOIN public.checkpoints c ON c.batch_id = b.id "
      "AND c.checkpoint_date BETWEEN b.run_date AND b.run_date + 13 WHERE b.id = $1::uuid GROUP BY b.id) "
      "UPDATE public.batches b SET status = days.new FROM days "
      "WHERE b.id = days.id AND days.old <> days.new AND NOT (days.old = 'completed' AND days.new = "
      "'active') "
      "RETURNING b.status",
      sql_values(batch_id));
  return rows.empty() ? std::nullopt : std::optional(rows[0].text("status"));
}

bool mark_failed(kernel::Sql& sql, const std::string& batch_id) {
  return !sql.query(
                 "UPDATE public.batches SET status = 'failed' WHERE id = $1::uuid AND status = 'active' RETURNING "
                 "id",
                 sql_values(batch_id))
              .empty();
}

}  // namespace am::picks::store

namespace am::picks {

std::optional<Batch> find_batch(kernel::Sql& sql, Date run_date) {
  return store::find_by_week(sql, run_date);
}

Batch load_batch(kernel::Sql& sql, const std::string& batch) {
  return store::load(sql, store::Selector(batch));
}

std::vector<Batch> active_batches(kernel::Sql& sql) { return store::list(sql, "active", {}); }

}  // namespace am::picks
