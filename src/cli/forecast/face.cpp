#include "face.hpp"

#include <iterator>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/desk.hpp"
#include "am/kernel/zone.hpp"
#include "am/web/forecast_section.hpp"
#include "forecast_commands.hpp"
#include "mails.hpp"
#include "night_outcome.hpp"

namespace am::cli {

namespace {

std::vector<Command> forecast_commands() {
  std::vector<Command> all = forecast_series_commands();
  const auto add = [&](std::vector<Command> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(forecast_import_commands());
  add(forecast_night_commands());
  all.push_back(forecast_enqueue());
  all.push_back(forecast_work());
  add(forecast_jobs_commands());
  all.push_back(forecast_show());
  all.push_back(forecast_explain());
  all.push_back(forecast_evaluate());
  all.push_back(forecast_bench());
  return all;
}

/// The night that is owed, where its time has come and nobody is at it; then what people are to be told.
Outcome forecast_tick(Context& context, long long& left) {
  Outcome outcome;
  const Instant now = context.clock.now();
  const std::vector<kernel::Duty> duties =
      kernel::read_duties(context.db(), {{&forecast::desk(), context.config.text("forecast.zone")}}, now);
  const kernel::Statement open = kernel::open_runs_statement();
  const std::vector<kernel::Standing> standing =
      kernel::standings(duties, kernel::open_runs(context.db().query(open.sql, open.values)), now);
  for (std::size_t i = 0; i < duties.size() && left > 0; ++i) {
    if (standing[i].readiness != kernel::Readiness::ready) {
      outcome.pending = outcome.pending || duties[i].is_due(now);
      continue;
    }
    --left;
    outcome = do_night(context, Date::of(duties[i].slot));
  }
  tell_forecast_notices(context);
  return outcome;
}

Outcome forecast_resume(Context& context, const kernel::RunInfo& run) {
  return do_night(context, Date::of(run.slot));
}

std::vector<Error> forecast_unusable(Context& context) {
  const std::string zone = context.config.text("forecast.zone");
  if (kernel::is_zone(zone)) return {};
  return {Error(ErrorKind::config, "forecast.zone: no such time zone: " + shown(zone),
                "expected a name of the tz database, such as America/New_York")};
}

constexpr NamedGroup kGroups[] = {{"forecast series", "the daily series that are forecast"},
                                  {"forecast holidays", "days that are unlike their weekday, by name"},
                                  {"forecast jobs", "what is queued, running, done or failed"}};

}  // namespace

DeskFace forecast_face() {
  return {.desk = &forecast::desk(),
          .commands = forecast_commands,
          .summary = "forecast daily series with bounds, from a queue of jobs",
          .groups = kGroups,
          .tick = forecast_tick,
          .resume = forecast_resume,
          .unusable = forecast_unusable,
          .section = web::forecast_section};
}

}  // namespace am::cli
