#include "am/forecast/drift.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/forecast/notices.hpp"
#include "am/kernel/ledger.hpp"
#include "row_values.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::Sql;
using kernel::sql_values;

/// How much worse than its backtest an error may be.
constexpr double kMostError = 1.5;
constexpr double kLeastCovered = 0.8;

/// Of the newest backtest that did not know these days; else of the newest.
std::optional<double> backtest_mase(Sql& sql, const std::string& series, int first_step, Date before) {
  const Rows rows = sql.query(
      "SELECT mase::text FROM forecast.scores WHERE series = $1 AND kind = 'backtest' AND first_step = $2::integer AND mase IS "
      "NOT NULL ORDER BY as_of < $3::date DESC, as_of DESC LIMIT 1",
      sql_values(series, first_step, before));
  return rows.empty() ? std::nullopt : std::optional(number(rows[0], "mase"));
}

std::optional<double> better_naive(const SpanScore& score) {
  if (!score.naive_mase || !score.seasonal_mase) return std::nullopt;
  return std::min(*score.naive_mase, *score.seasonal_mase);
}

kernel::SqlValue text_of(const std::optional<double>& value) {
  return value ? kernel::SqlValue(number_text(*value)) : kernel::SqlValue();
}

std::optional<Drift> drift_of(Sql& sql, const std::string& series, const LiveScore& newest) {
  const SpanScore& nearest = newest.spans.front();
  Drift drift{.began = newest.as_of,
              .reason = "coverage",
              .mase = nearest.mase,
              .naive_mase = better_naive(nearest),
              .backtest_mase = backtest_mase(sql, series, nearest.first_step, newest.window.first),
              .covered95 = nearest.covered95};
  if (drift.mase && drift.naive_mase && drift.backtest_mase && *drift.mase > *drift.naive_mase &&
      *drift.mase > kMostError * *drift.backtest_mase) {
    drift.reason = "error";
    return drift;
  }
  if (drift.covered95 < kLeastCovered) return drift;
  return std::nullopt;
}

std::string json_of(const Drift& drift) {
  nlohmann::ordered_json json{{"day", drift.began.to_string()}, {"reason", drift.reason}};
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) json[name] = number_text(*value);
  };
  add("mase", drift.mase);
  add("naive_mase", drift.naive_mase);
  add("backtest_mase", drift.backtest_mase);
  add("covered95", drift.covered95);
  return json.dump();
}

void begin_drift(kernel::Transaction& tx, const std::string& series, const Drift& drift,
                 const std::optional<std::string>& run_id) {
  tx.query(
      "INSERT INTO forecast.drifts (series, began, reason, mase, naive_mase, backtest_mase, covered95, noticed_at) VALUES ($1, "
      "$2::date, $3, $4::double precision, $5::double precision, $6::double precision, $7::double precision, "
      "clock_timestamp())",
      sql_values(series, drift.began, drift.reason, text_of(drift.mase), text_of(drift.naive_mase),
                 text_of(drift.backtest_mase), number_text(drift.covered95)));
  kernel::Ledger::event(tx, "series_drifts", {}, run_id, json_of(drift), "series " + series);
  add_notice(tx, "drift", "the forecasts of " + series + " drift",
             "series " + series + " drifts " + drift_text(drift) + "\nam forecast evaluate --series " +
                 series + "\nIt is told once, until it is over and begins again.");
}

void end_drift(kernel::Transaction& tx, const std::string& series, Date day,
               const std::optional<std::string>& run_id) {
  tx.query("UPDATE forecast.drifts SET ended = greatest($2::date, began) WHERE series = $1 AND ended IS NULL",
           sql_values(series, day));
  kernel::Ledger::event(tx, "series_drift_over", {}, run_id,
                        nlohmann::ordered_json{{"day", day.to_string()}}.dump(), "series " + series);
}

}  // namespace

std::string drift_text(const Drift& drift) {
  const std::string since = "since " + drift.began.to_string() + ": ";
  if (drift.reason == "error" && drift.mase && drift.naive_mase && drift.backtest_mase) {
    return since + "MASE " + short_text(*drift.mase, 3) + " over " + std::to_string(kScoredDays) +
           " days, against " + short_text(*drift.naive_mase, 3) + " of a naive forecast and " +
           short_text(*drift.backtest_mase, 3) + " of its backtest";
  }
  return since + "the 95 % bounds held " + short_text(drift.covered95 * 100, 3) + " % of what came over " +
         std::to_string(kScoredDays) + " days";
}

void judge_drift(kernel::Transaction& tx, const std::string& series, const LiveScore& newest,
                 const std::optional<std::string>& run_id) {
  if (newest.scored < kScoredDays) return;
  const bool was = !tx.query("SELECT FROM forecast.drifts WHERE series = $1 AND ended IS NULL FOR UPDATE",
                             sql_values(series))
                        .empty();
  const std::optional<Drift> drift = drift_of(tx, series, newest);
  if (drift && !was) begin_drift(tx, series, *drift, run_id);
  if (!drift && was) end_drift(tx, series, newest.as_of, run_id);
}

std::map<std::string, Drift> open_drifts(Sql& sql, const std::optional<std::string>& series) {
  const Rows rows = sql.query(
      "SELECT series, to_char(began, 'YYYY-MM-DD') AS began, reason, mase::text, naive_mase::text, backtest_mase::text, "
      "covered95::text FROM forecast.drifts WHERE ended IS NULL AND ($1::text IS NULL OR series = $1)",
      sql_values(series));
  std::map<std::string, Drift> all;
  for (const Row row : rows) {
    all.emplace(row.text("series"), Drift{.began = row.date("began"),
                                          .reason = row.text("reason"),
                                          .mase = maybe_number(row, "mase"),
                                          .naive_mase = maybe_number(row, "naive_mase"),
                                          .backtest_mase = maybe_number(row, "backtest_mase"),
                                          .covered95 = number(row, "covered95")});
  }
  return all;
}

}  // namespace am::forecast
