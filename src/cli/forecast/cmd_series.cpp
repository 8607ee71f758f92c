#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/numbers.hpp"
#include "am/forecast/store.hpp"
#include "am/kernel/zone.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::SeriesExtent;
using forecast::SeriesInfo;

struct AddOptions {
  std::string name;
  std::optional<std::string> unit, zone, calendar, season, non_negative, holidays, source;
  std::optional<int> lag_days, horizon;
  bool zero_means_missing = false;
  bool nightly = false;
  bool replace = false;
};

struct NameOptions {
  std::string name;
  bool yes = false;
};

struct NoOptions {};

void series_word(Flags& f, std::string& name) { f.word("name", name, "the series"); }

void add_flags(Flags& f, AddOptions& o) {
  series_word(f, o.name);
  f.text("--unit", o.unit, "UNIT", "of its values, for people");
  f.text("--zone", o.zone, "ZONE", "in which its days begin, such as America/Chicago (UTC)");
  f.text("--calendar", o.calendar, "DAYS",
         "which days exist: all, weekdays, nyse, or such as mon,wed,fri (all)");
  f.text("--season", o.season, "LENGTHS", "in existing days, such as 7,364; auto: those that show (auto)");
  f.on("--zero-means-missing", o.zero_means_missing, "a day of 0 is a day that is not known");
  f.text("--non-negative", o.non_negative, "yes|no|auto",
         "whether it can fall below 0; auto: as its past is (auto)");
  f.text("--holidays", o.holidays, "SET", "a set of am forecast holidays import, or nyse");
  f.text("--source", o.source, "SOURCE", "what am forecast sync reads: sql:NAME or close:PRICES/SYMBOL");
  f.integer("--lag-days", o.lag_days, 1, forecast::kMostLag, "a day is known so many days later (1)");
  f.integer("--horizon", o.horizon, 1, forecast::kMostHorizon,
            "days ahead that its accuracy is measured for (28)");
  f.on("--nightly", o.nightly, "forecast by the night run");
  f.on("--replace", o.replace, "when it is there: describe it anew; what is stored of it stays");
}

std::optional<bool> yes_no_auto(const std::optional<std::string>& text) {
  if (!text || *text == "auto") return std::nullopt;
  if (*text == "yes" || *text == "no") return *text == "yes";
  throw Error(ErrorKind::usage, "--non-negative " + shown(*text) + ": expected yes, no or auto");
}

SeriesInfo described(const AddOptions& o) {
  SeriesInfo series;
  series.name = o.name;
  series.unit = o.unit;
  series.zone = o.zone.value_or(series.zone);
  series.calendar = o.calendar.value_or(series.calendar);
  series.season = o.season.value_or(series.season);
  series.zero_means_missing = o.zero_means_missing;
  series.non_negative = yes_no_auto(o.non_negative);
  series.holidays = o.holidays;
  series.source = o.source;
  series.lag_days = o.lag_days.value_or(series.lag_days);
  series.horizon = o.horizon.value_or(series.horizon);
  series.nightly = o.nightly;
  if (const auto problem = forecast::problem_of(series)) throw Error(ErrorKind::usage, *problem);
  if (!kernel::is_zone(series.zone)) {
    throw Error(ErrorKind::usage, "--zone " + shown(series.zone) + ": no such time zone",
                "expected a name of the tz database, such as America/New_York");
  }
  return series;
}

Json series_json(const SeriesInfo& s, const SeriesExtent& extent) {
  const auto text = [](const std::optional<std::string>& value) { return value ? Json(*value) : Json(); };
  const auto day = [](const std::optional<Date>& value) { return value ? Json(value->to_string()) : Json(); };
  return {{"name", s.name},
          {"unit", text(s.unit)},
          {"zone", s.zone},
          {"calendar", s.calendar},
          {"season", s.season},
          {"zero_means_missing", s.zero_means_missing},
          {"non_negative", s.non_negative ? Json(*s.non_negative) : Json()},
          {"holidays", text(s.holidays)},
          {"source", text(s.source)},
          {"lag_days", s.lag_days},
          {"horizon", s.horizon},
          {"nightly", s.nightly},
          {"revision", s.revision},
          {"observations", extent.observations},
          {"first", day(extent.first)},
          {"last", day(extent.last)},
          {"last_value", number_json(extent.last_value)},
          {"changes", extent.changes},
          {"predictions", extent.predictions},
          {"drifts_since", day(extent.drifts_since)}};
}

Outcome run_add(const AddOptions& o, Context& context) {
  const SeriesInfo series = described(o);
  forecast::Added added = forecast::Added::same;
  context.job_db().transact(
      [&](kernel::Transaction& tx) { added = forecast::add_series(tx, series, o.replace); });
  Outcome outcome;
  switch (added) {
    case forecast::Added::made:
      outcome.kind = OutcomeKind::changed;
      outcome.table = "added " + series.name + "\n";
      break;
    case forecast::Added::replaced:
      outcome.kind = OutcomeKind::changed;
      outcome.table = "described anew: " + series.name + "\n";
      break;
    case forecast::Added::same:
      outcome.table = "unchanged: " + series.name + " is there\n";
      break;
    case forecast::Added::differs:
      throw Error(ErrorKind::usage, "series " + series.name + ": it is there, and described otherwise",
                  "am forecast series show " + series.name + " says how; --replace describes it anew");
  }
  outcome.data = series_json(forecast::load_series(context.db(), series.name),
                             forecast::series_extents(context.db(), series.name).at(0))
                     .dump();
  return outcome;
}

void list_flags(Flags& /*f*/, NoOptions& /*o*/) {}

Outcome run_list(const NoOptions& /*o*/, Context& context) {
  const std::vector<SeriesInfo> all = forecast::list_series(context.db());
  const std::vector<SeriesExtent> extents = forecast::series_extents(context.db());
  Table table({"series", "unit", "calendar", "days", "first", "last", "last value", "predicted", "nightly",
               "drifts since"});
  Json data = Json::array();
  for (std::size_t i = 0; i < all.size() && i < extents.size(); ++i) {
    const SeriesExtent& extent = extents[i];
    table.add({all[i].name, all[i].unit.value_or(""), all[i].calendar, std::to_string(extent.observations),
               extent.first ? extent.first->to_string() : "", extent.last ? extent.last->to_string() : "",
               extent.last_value ? forecast::short_text(*extent.last_value) : "",
               std::to_string(extent.predictions), all[i].nightly ? "yes" : "no",
               extent.drifts_since ? Cell(extent.drifts_since->to_string(), Tone::warning) : Cell("")});
    data.push_back(series_json(all[i], extent));
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no series\n" : table.text(context.options.color);
  outcome.counts = {{"series", static_cast<long long>(all.size())}};
  outcome.data = data.dump();
  return outcome;
}

void show_flags(Flags& f, NameOptions& o) { series_word(f, o.name); }

Outcome run_show(const NameOptions& o, Context& context) {
  const SeriesInfo s = forecast::load_series(context.db(), o.name);
  const Json data = series_json(s, forecast::series_extents(context.db(), o.name).at(0));
  Table table({"field", "value"});
  for (const auto& [name, value] : data.items()) {
    std::string label = name;
    std::ranges::replace(label, '_', ' ');
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_null()) text = name == "non_negative" ? "auto" : "";
    if (value.is_boolean()) text = value.get<bool>() ? "yes" : "no";
    table.add({label, text});
  }
  Outcome outcome;
  outcome.table = table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

void remove_flags(Flags& f, NameOptions& o) {
  series_word(f, o.name);
  f.on("--yes", o.yes, "really delete it");
}

Outcome run_remove(const NameOptions& o, Context& context) {
  if (!o.yes) {
    const SeriesExtent extent = [&] {
      forecast::load_series(context.db(), o.name);
      return forecast::series_extents(context.db(), o.name).at(0);
    }();
    throw Error(ErrorKind::usage, "needs --yes: it deletes " + std::to_string(extent.observations) +
                                      " observations and " + std::to_string(extent.predictions) +
                                      " predictions for good");
  }
  forecast::RemovedSeries removed;
  context.db().transact([&](kernel::Transaction& tx) { removed = forecast::remove_series(tx, o.name); });
  Outcome outcome;
  outcome.kind = OutcomeKind::changed;
  outcome.counts = {{"observations", removed.observations},
                    {"predictions", removed.predictions},
                    {"jobs_cancelled", removed.jobs}};
  outcome.table = "removed " + o.name + ": " + std::to_string(removed.observations) + " observations, " +
                  std::to_string(removed.predictions) + " predictions, " + std::to_string(removed.jobs) +
                  " open jobs cancelled\n";
  return outcome;
}

CommandInfo series_info(std::string path, std::string summary, std::string details,
                        std::vector<std::string> examples, std::vector<ExitCode> exits) {
  exits.push_back(ExitCode::denied);
  return {.path = "forecast series " + std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = std::move(exits),
          .config = {"database.url"}};
}

}  // namespace

std::vector<Command> forecast_series_commands() {
  return {
      make_command<AddOptions>(
          series_info("add", "describe a daily series, so that days of it can be imported",
                      "A series that is there and described so stays unchanged.",
                      {"am forecast series add rides --unit thousands --zone America/Chicago --holidays us",
                       "am forecast series add spx --calendar nyse --nightly"},
                      {}),
          add_flags, run_add),
      make_command<NoOptions>(
          series_info("list", "every series, and what is stored of it", "", {"am forecast series list"}, {}),
          list_flags, run_list),
      make_command<NameOptions>(series_info("show", "one series: its description, and what is stored of it",
                                            "", {"am forecast series show rides"}, {ExitCode::no_input}),
                                show_flags, run_show),
      make_command<NameOptions>(series_info("remove", "delete a series with its observations and predictions",
                                            "Its open jobs are cancelled, with the event series_removed.",
                                            {"am forecast series remove rides --yes"}, {ExitCode::no_input}),
                                remove_flags, run_remove)};
}

}  // namespace am::cli
