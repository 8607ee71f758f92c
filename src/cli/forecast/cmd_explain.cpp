#include <cmath>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/jobs.hpp"
#include "am/forecast/numbers.hpp"
#include "cli/table.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using forecast::short_text;

struct ExplainOptions {
  std::optional<std::string> series;
  std::optional<Date> date, as_of;
};

void flags(Flags& f, ExplainOptions& o) {
  f.text("--series", o.series, "NAME", "the series; required");
  f.date("--date", o.date, "the day that is forecast; required");
  f.date("--as-of", o.as_of, "look at no later day than this");
}

/// What the past says of such a day, without a model.
struct Around {
  std::vector<std::pair<Date, double>> recent;        ///< the last known days
  std::vector<std::pair<Date, double>> weekdays;      ///< the same weekday of the last weeks
  std::optional<std::pair<Date, double>> a_year_ago;  ///< the same weekday, 52 weeks before
};

Around around(const forecast::SeriesInput& input, Date date) {
  constexpr std::size_t kRecent = 7, kWeeks = 4;
  Around found;
  for (std::size_t i = input.days.size(); i-- > 0;) {
    const double value = input.values[i];
    const Date day = input.days[i];
    if (!std::isfinite(value)) continue;
    if (found.recent.size() < kRecent) found.recent.emplace_back(day, value);
    if (day.weekday() == date.weekday() && found.weekdays.size() < kWeeks)
      found.weekdays.emplace_back(day, value);
    if (day == date - 364) found.a_year_ago = {day, value};
  }
  return found;
}

std::string days_text(const std::vector<std::pair<Date, double>>& days) {
  std::vector<std::string> parts;
  for (const auto& [day, value] : days) parts.push_back(day.to_string() + " " + short_text(value));
  return join(parts, ", ");
}

Json days_json(const std::vector<std::pair<Date, double>>& days) {
  Json all = Json::array();
  for (const auto& [day, value] : days)
    all.push_back({{"date", day.to_string()}, {"value", forecast::number_text(value)}});
  return all;
}

/// The holiday that the day is, and what it did in the past.
std::string holiday_text(const forecast::Question& question, const forecast::Forecast& made, Date date,
                         Json& data) {
  for (const forecast::Holiday& holiday : question.input.holidays) {
    if (holiday.date != date) continue;
    data["holiday"] = holiday.name;
    const bool weekend = date.weekday() == std::chrono::Saturday || date.weekday() == std::chrono::Sunday;
    for (const forecast::HolidayEffect& effect : made.holidays) {
      if (effect.name != holiday.name || effect.weekend != weekend) continue;
      data["holiday_effect"] = forecast::number_text(effect.effect);
      data["holiday_occurrences"] = effect.occurrences;
      return holiday.name + ": " + (made.logs ? "times " : "plus ") + short_text(effect.effect, 3) +
             ", from " + std::to_string(effect.occurrences) + " of them";
    }
    return holiday.name + ": too few of them to know its effect";
  }
  return "";
}

Outcome run(const ExplainOptions& o, Context& context) {
  if (!o.date) throw Error(ErrorKind::usage, "needs --date");
  const Date date = *o.date;
  kernel::Db& db = context.db();
  const forecast::SeriesInfo series = forecast::load_series(db, required_text(o.series, "--series"));
  const Date known = std::min(date - 1, forecast::last_known_day(series, context.clock.now()));
  const Date as_of = std::min(o.as_of.value_or(known), known);
  const forecast::Question question = forecast::read_question(db, series.name, {date, date}, as_of);
  if (date - question.input.days.back() > forecast::kMostDays) {
    throw Error(ErrorKind::no_input, "series " + series.name + ": its newest known day is " +
                                         question.input.days.back().to_string() + ", too long before " +
                                         date.to_string());
  }
  const forecast::Forecast made = forecast::forecast_series(question.input, question.horizon);
  const forecast::Bounds& bounds = made.days.at(0);
  const Around past = around(question.input, date);

  Json data = {
      {"series", series.name}, {"date", date.to_string()}, {"as_of", question.input.days.back().to_string()}};
  add_bounds(data, bounds);
  data["model_version"] = made.model_version;
  data["seasons"] = made.seasons;
  data["origins"] = made.origins;
  data["recent"] = days_json(past.recent);
  data["same_weekday"] = days_json(past.weekdays);
  const std::string holiday = holiday_text(question, made, date, data);

  Table facts({"what", "is"});
  facts.add({"expected", short_text(bounds.y_hat)});
  facts.add({"80 %", short_text(bounds.lo80) + " to " + short_text(bounds.hi80)});
  facts.add({"95 %", short_text(bounds.lo) + " to " + short_text(bounds.hi)});
  facts.add({"known up to", question.input.days.back().to_string()});
  facts.add({"recent days", days_text(past.recent)});
  facts.add({"same weekday", days_text(past.weekdays)});
  if (past.a_year_ago) facts.add({"52 weeks before", days_text({*past.a_year_ago})});
  if (!holiday.empty()) facts.add({"holiday", holiday});
  if (made.outlier) {
    const std::string day = question.input.days.at(static_cast<std::size_t>(*made.outlier)).to_string();
    facts.add({"not believed", "the value of " + day + ": too far off what was expected"});
    data["outlier"] = day;
  }
  facts.add(
      {"model", made.model_version + ", bounds from " + std::to_string(made.origins) + " past origins"});

  Table members({"member", "weight", "says", "past error", "dropped"});
  Json list = Json::array();
  for (const forecast::Member& member : made.members) {
    const std::optional<double> says =
        member.y_hat.empty() ? std::nullopt : std::optional(member.y_hat.front());
    const std::optional<double> error =
        std::isfinite(member.error) ? std::optional(member.error) : std::nullopt;
    members.add({member.name, short_text(member.weight, 3), says ? short_text(*says) : "",
                 error ? short_text(*error, 3) : "", member.dropped});
    list.push_back({{"name", member.name},
                    {"weight", number_json(member.weight)},
                    {"y_hat", number_json(says)},
                    {"error", number_json(error)},
                    {"dropped", member.dropped.empty() ? Json() : Json(member.dropped)}});
  }
  data["members"] = list;
  Outcome outcome;
  outcome.table = facts.text(context.options.color);
  if (!members.empty()) outcome.table += "\n" + members.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

Command forecast_explain() {
  return make_command<ExplainOptions>(
      {.path = "forecast explain",
       .summary = "why a day is forecast as it is: its past, its holiday, and what each model says",
       .details = "Computed anew, from what is known now or was then; nothing is stored.",
       .examples = {"am forecast explain --series rides --date 2015-11-26 --as-of 2015-11-20"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url"}},
      flags, run);
}

}  // namespace am::cli
