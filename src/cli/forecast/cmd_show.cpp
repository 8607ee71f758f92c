#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/date_text.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/numbers.hpp"
#include "am/forecast/predictions.hpp"
#include "am/forecast/series_page.hpp"
#include "am/forecast/sparkline.hpp"
#include "am/forecast/store.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::PredictedTotal;
using forecast::Prediction;
using forecast::short_text;

/// Before the first day that is predicted: in the bars, in the drawing.
constexpr int kPastDays = 56;
constexpr int kDrawnPast = 120;

struct ShowOptions {
  std::optional<std::string> series, by;
  std::optional<Date> from, to, as_of;
};

void flags(Flags& f, ShowOptions& o) {
  f.text("--series", o.series, "NAME", "the series; required");
  f.date("--from", o.from, "first day");
  f.date("--to", o.to, "last day");
  f.date("--as-of", o.as_of, "what was predicted then, looking at no later day than this");
  f.text("--by", o.by, "day|week|month",
         "days, or the sums of weeks or months with bounds of their own (day)");
}

std::string span_text(double lo, double hi) { return short_text(lo) + " to " + short_text(hi); }

std::string value_text(const std::optional<double>& value) { return value ? short_text(*value) : ""; }

/// What came beside what was predicted, for people.
Cell came(const std::optional<double>& value, const forecast::Bounds& bounds) {
  if (!value) return "";
  const bool within = bounds.lo <= *value && *value <= bounds.hi;
  return {value_text(value), within ? Tone::plain : Tone::warning};
}

/// The days before, and those that are predicted, on one scale.
std::string sparklines(const std::vector<forecast::Observed>& past, const std::vector<Prediction>& days) {
  std::vector<double> all;
  for (const forecast::Observed& each : past) all.push_back(each.value);
  const std::size_t known = all.size();
  for (const Prediction& each : days) all.push_back(each.bounds.y_hat);
  const std::vector<std::string> marks = forecast::sparkline(all);
  std::string text;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (i == known) text += known == 0 ? "" : " | ";
    text += marks[i];
  }
  return text;
}

Outcome show_days(const forecast::SeriesInfo& series, const forecast::PredictionFilter& filter,
                  Context& context) {
  const std::vector<Prediction> days = forecast::read_predictions(context.db(), filter);
  Outcome outcome;
  Json data = Json::array();
  Table table({"date", "day", "expected", "80 %", "95 %", "came", "as of"});
  outcome.csv = "date,value,y_hat,y_lo,y_hi,y_lo80,y_hi80,as_of,model_version\n";
  for (const Prediction& day : days) {
    const forecast::Bounds& b = day.bounds;
    table.add({day.date.to_string(), weekday_name(day.date), short_text(b.y_hat), span_text(b.lo80, b.hi80),
               span_text(b.lo, b.hi), came(day.value, b), day.as_of.to_string()});
    Json json = {{"date", day.date.to_string()}, {"value", number_json(day.value)}};
    add_bounds(json, b);
    json["as_of"] = day.as_of.to_string();
    json["revision"] = day.revision;
    json["job"] = day.job;
    json["model_version"] = day.model_version;
    const std::string fields[] = {
        day.date.to_string(),           day.value ? forecast::number_text(*day.value) : "",
        forecast::number_text(b.y_hat), forecast::number_text(b.lo),
        forecast::number_text(b.hi),    forecast::number_text(b.lo80),
        forecast::number_text(b.hi80),  day.as_of.to_string(),
        csv_text(day.model_version)};
    outcome.csv += csv_record(fields);
    data.push_back(std::move(json));
  }
  outcome.data = data.dump();
  outcome.counts = {{"days", static_cast<long long>(days.size())}};
  if (days.empty()) {
    outcome.table = "no predictions\n";
    return outcome;
  }
  const std::vector<forecast::Observed> past = forecast::read_observations(
      context.db(), series.name, days.front().date - kPastDays, days.front().date - 1);
  outcome.table = series.name + (series.unit ? ", " + printable(*series.unit) : "") + "\n" +
                  sparklines(past, days) + "\n\n" + table.text(context.options.color);
  return outcome;
}

Outcome show_totals(const forecast::TotalFilter& filter, Context& context) {
  const std::vector<PredictedTotal> totals = forecast::read_totals(context.db(), filter);
  Outcome outcome;
  Json data = Json::array();
  Table table({"from", "to", "expected", "80 %", "95 %", "came", "as of"});
  outcome.csv = "from,to,value,y_hat,y_lo,y_hi,y_lo80,y_hi80,as_of\n";
  for (const PredictedTotal& total : totals) {
    const forecast::Bounds& b = total.bounds;
    table.add({total.first.to_string(), total.last.to_string(), short_text(b.y_hat, 5),
               span_text(b.lo80, b.hi80), span_text(b.lo, b.hi), came(total.value, b),
               total.as_of.to_string()});
    Json json = {{"kind", total.kind},
                 {"from", total.first.to_string()},
                 {"to", total.last.to_string()},
                 {"value", number_json(total.value)}};
    add_bounds(json, b);
    json["as_of"] = total.as_of.to_string();
    json["job"] = total.job;
    const std::string fields[] = {total.first.to_string(),
                                  total.last.to_string(),
                                  total.value ? forecast::number_text(*total.value) : "",
                                  forecast::number_text(b.y_hat),
                                  forecast::number_text(b.lo),
                                  forecast::number_text(b.hi),
                                  forecast::number_text(b.lo80),
                                  forecast::number_text(b.hi80),
                                  total.as_of.to_string()};
    outcome.csv += csv_record(fields);
    data.push_back(std::move(json));
  }
  outcome.data = data.dump();
  outcome.counts = {{filter.kind.value_or("") + "s", static_cast<long long>(totals.size())}};
  outcome.table = table.empty() ? "no totals\n" : table.text(context.options.color);
  return outcome;
}

/// Of years of forecasts what has come of late, and all to come; what is asked for from a day on is drawn from there.
std::optional<Date> drawn_from(const std::vector<Prediction>& days,
                               const forecast::PredictionFilter& filter) {
  const auto newest =
      std::find_if(days.rbegin(), days.rend(), [](const Prediction& day) { return day.value; });
  if (filter.from || newest == days.rend()) return std::nullopt;
  return newest->date - kDrawnPast;
}

/// What came from a while before the first day that is predicted; where none is, before the newest that is known.
std::vector<forecast::Observed> read_past(kernel::Sql& sql, const std::vector<Prediction>& days,
                                          const forecast::PredictionFilter& filter) {
  const std::optional<Date> newest = forecast::series_extents(sql, filter.series).at(0).last;
  if (!newest) return {};
  if (days.empty()) return forecast::read_observations(sql, filter.series, *newest - kDrawnPast, *newest);
  const Date last = filter.to ? days.back().date : std::max(days.back().date, *newest);
  return forecast::read_observations(sql, filter.series, days.front().date - kDrawnPast, last);
}

/// Days, weeks, months and how good it was, in one file. What was predicted then has days only: its sums are not kept.
Outcome show_page(const forecast::SeriesInfo& series, const forecast::PredictionFilter& filter,
                  Context& context) {
  const std::unique_ptr<kernel::Transaction> snapshot = context.db().begin(true);
  const auto ask = [&](const kernel::Statement& statement) {
    return snapshot->query(statement.sql, statement.values);
  };
  const std::vector<Prediction> days = forecast::read_predictions(*snapshot, filter);
  forecast::SeriesSheet sheet{.name = series.name,
                              .unit = series.unit,
                              .as_of = filter.as_of,
                              .drawn_from = drawn_from(days, filter),
                              .days = forecast::days_of(read_past(*snapshot, days, filter), days)};
  if (!filter.as_of) {
    sheet.totals =
        forecast::read_totals(*snapshot, {.series = series.name, .from = filter.from, .to = filter.to});
    sheet.scores = forecast::make_scores(ask(forecast::ask_scores(series.name)));
    forecast::add_earlier(sheet.days, forecast::make_earlier(ask(forecast::ask_earlier(filter))));
  }
  Outcome outcome;
  outcome.counts = {{"days", static_cast<long long>(days.size())}};
  outcome.html = forecast::render_html(sheet);
  return outcome;
}

Outcome run(const ShowOptions& o, Context& context) {
  const std::string by = o.by.value_or("day");
  if (by != "day" && by != "week" && by != "month")
    throw Error(ErrorKind::usage, "--by " + shown(by) + ": expected day, week or month");
  if (o.as_of && by != "day")
    throw Error(ErrorKind::usage, "--as-of: of days only, the sums of then are not kept");
  if (o.from && o.to) required_range(o.from, o.to);
  const forecast::SeriesInfo series =
      forecast::load_series(context.db(), required_text(o.series, "--series"));
  const forecast::PredictionFilter filter{
      .series = series.name, .from = o.from, .to = o.to, .as_of = o.as_of};
  if (context.options.output == "html") return show_page(series, filter, context);
  return by == "day" ? show_days(series, filter, context)
                     : show_totals({.series = series.name, .kind = by, .from = o.from, .to = o.to}, context);
}

}  // namespace

Command forecast_show() {
  return make_command<ShowOptions>(
      {.path = "forecast show",
       .summary = "what is predicted of a series, with its bounds, and what came",
       .details =
           "The bounds hold what comes in 80 and in 95 of 100 days. Those of a sum are its own: days that are off "
           "together do not even out. The page has days, weeks, months and how good earlier forecasts were, whatever --by "
           "says.",
       .examples = {"am forecast show --series rides", "am forecast show --series rides --by week",
                    "am forecast show --series rides --from 2016-08-01 -o csv",
                    "am forecast show --series rides -o html > rides.html"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url"},
       .formats = {"table", "json", "csv", "html"}},
      flags, run);
}

}  // namespace am::cli
