// /forecast/series, /forecast/predictions, /forecast/jobs/{id}. Figures are strings, as stored.

#include "am/base/error.hpp"
#include "am/forecast/numbers.hpp"
#include "am/forecast/predictions.hpp"
#include "documents.hpp"
#include "series_reads.hpp"
#include "web/json_write.hpp"

namespace am::web {

namespace {

std::optional<std::string> figure_text(const std::optional<double>& value) {
  return value ? std::optional(forecast::number_text(*value)) : std::nullopt;
}

void write_accuracy(std::string& out, const SeriesAccuracy& accuracy) {
  out += '{';
  text_member(out, "kind", accuracy.kind);
  text_member(out, "as_of", accuracy.as_of);
  text_member(out, "days", accuracy.days);
  maybe_member(out, "mase", figure_text(accuracy.mase));
  maybe_member(out, "naive_mase", figure_text(accuracy.naive_mase));
  maybe_member(out, "seasonal_mase", figure_text(accuracy.seasonal_mase));
  maybe_member(out, "smape", figure_text(accuracy.smape));
  text_member(out, "covered95", forecast::number_text(accuracy.covered95));
  text_member(out, "covered80", forecast::number_text(accuracy.covered80));
  out += '}';
}

void write_series(std::string& out, const SeriesLine& line) {
  out += '{';
  text_member(out, "name", line.name);
  maybe_member(out, "unit", line.unit);
  text_member(out, "zone", line.zone);
  text_member(out, "calendar", line.calendar);
  text_member(out, "season", line.season);
  maybe_member(out, "holidays", line.holidays);
  text_member(out, "lag_days", line.lag_days);
  text_member(out, "horizon", line.horizon);
  bool_member(out, "nightly", line.nightly);
  text_member(out, "revision", line.revision);
  text_member(out, "observations", line.observations);
  maybe_member(out, "first", line.first);
  maybe_member(out, "last", line.last);
  maybe_member(out, "last_value", line.last_value);
  maybe_member(out, "predicted_from", line.predicted_from);
  maybe_member(out, "predicted_to", line.predicted_to);
  maybe_member(out, "as_of", line.as_of);
  maybe_member(out, "drifts_since", line.drifts_since);
  key(out, "accuracy");
  if (line.accuracy) {
    write_accuracy(out, *line.accuracy);
  } else {
    out += "null";
  }
  out += '}';
}

void write_prediction(std::string& out, const kernel::Row& row) {
  out += '{';
  text_member(out, "date", row.text("date"));
  maybe_member(out, "value", row.maybe_text("value"));
  for (const char* name :
       {"y_hat", "y_lo", "y_hi", "y_lo80", "y_hi80", "as_of", "revision", "job", "model_version"})
    text_member(out, name, row.text(name));
  out += '}';
}

std::optional<Date> maybe_date(const Args& args, std::string_view name) {
  const auto given = maybe_arg(args, name);
  return given ? std::optional(Date::of(*given)) : std::nullopt;
}

}  // namespace

std::vector<kernel::Statement> ask_series_list(const Args& args) {
  return {series_by_name(maybe_arg(args, "cursor"), limit_of(args))};
}

Document make_series_list(const Args& args, const std::vector<kernel::Rows>& results) {
  std::vector<SeriesLine> lines = series_lines(results.at(0));
  std::optional<std::string> next_cursor;
  if (cut_to(lines, limit_of(args))) next_cursor = lines.back().name;
  std::string out = "{";
  array_member(out, "series", lines, write_series);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

Document forecast_predictions(const Args& args, const Source& source) {
  const auto series = maybe_arg(args, "series");
  if (!series) throw Error(ErrorKind::usage, "series: expected a name, got none");
  const forecast::PredictionFilter filter{.series = *series,
                                          .from = maybe_date(args, "from"),
                                          .to = maybe_date(args, "to"),
                                          .as_of = maybe_date(args, "as_of")};
  if (filter.from && filter.to && *filter.to < *filter.from)
    throw Error(ErrorKind::usage, "to: expected no day before from, got " + filter.to->to_string());
  kernel::Statement all = forecast::ask_predictions(filter);
  const auto place = [&all](const kernel::SqlValue& value) {
    all.values.push_back(value);
    return "$" + std::to_string(all.values.size());
  };
  const int limit = limit_of(args);
  const std::string after = place(maybe_arg(args, "cursor"));
  const std::string most = place(std::to_string(limit + 1));
  all.sql = "SELECT * FROM (" + all.sql + ") days WHERE " + after + "::text IS NULL OR date > " + after +
            "::text ORDER BY date LIMIT " + most + "::int";
  const std::vector<kernel::Rows> results = source.reader.read(
      {{"SELECT name FROM forecast.series WHERE name = $1", kernel::sql_values(*series)}, std::move(all)});
  if (results.at(0).empty()) throw Error(ErrorKind::no_input, "series " + *series + ": not found");
  std::vector<kernel::Row> days;
  for (const kernel::Row row : results.at(1)) days.push_back(row);
  std::optional<std::string> next_cursor;
  if (cut_to(days, limit)) next_cursor = days.back().text("date");
  std::string out = "{";
  text_member(out, "series", *series);
  array_member(out, "predictions", days, write_prediction);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_forecast_job(const Args& args) {
  return {
      {"SELECT id, key, job_type, status, series, to_char(target_from, 'YYYY-MM-DD') AS from_day, to_char(target_to, "
       "'YYYY-MM-DD') AS to_day, payload ->> 'as_of' AS as_of, payload ->> 'revision' AS revision, priority, attempts, "
       "max_attempts, (extract(epoch FROM ready_at) * 1000000)::bigint AS ready_at, (extract(epoch FROM created_at) * "
       "1000000)::bigint AS created_at, (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_at, error_message, "
       "(SELECT count(*) FROM forecast.predictions_daily p WHERE p.job = j.id) AS predictions FROM jobs.forecast_jobs j "
       "WHERE id = $1::bigint",
       kernel::sql_values(args.at("id"))}};
}

Document make_forecast_job(const Args& args, const std::vector<kernel::Rows>& results) {
  if (results.at(0).empty()) throw Error(ErrorKind::no_input, "job " + args.at("id") + ": not found");
  const kernel::Row row = results.at(0).only();
  std::string out = "{";
  key(out, "job");
  out += '{';
  for (const char* name : {"id", "key", "job_type", "status", "series"})
    text_member(out, name, row.text(name));
  maybe_member(out, "from", row.maybe_text("from_day"));
  maybe_member(out, "to", row.maybe_text("to_day"));
  maybe_member(out, "as_of", row.maybe_text("as_of"));
  maybe_member(out, "revision", row.maybe_text("revision"));
  for (const char* name : {"priority", "attempts", "max_attempts"}) text_member(out, name, row.text(name));
  for (const char* name : {"ready_at", "created_at", "updated_at"})
    text_member(out, name, format_rfc3339(row.micros(name)));
  maybe_member(out, "error", row.maybe_text("error_message"));
  text_member(out, "predictions", row.text("predictions"));
  out += '}';
  return json_document(std::move(out));
}

}  // namespace am::web
