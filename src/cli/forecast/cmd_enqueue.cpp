#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/forecast/jobs.hpp"
#include "forecast_commands.hpp"
#include "parts.hpp"

namespace am::cli {

namespace {

struct EnqueueOptions {
  std::optional<std::string> series, type, at;
  std::optional<Date> from, to, as_of;
  std::optional<int> priority;
  bool force = false;
};

void flags(Flags& f, EnqueueOptions& o) {
  f.text("--series", o.series, "NAMES", "the series, several with commas between; required");
  f.date("--from", o.from, "first day to forecast; required");
  f.date("--to", o.to, "last day to forecast; required");
  f.date("--as-of", o.as_of, "look at no later day than this");
  f.integer("--priority", o.priority, 0, 3, "0 is worked on first (1)");
  f.text("--at", o.at, "RFC3339", "not before that moment");
  f.on("--force", o.force, "queue it even if the same was queued before");
}

Outcome run(const EnqueueOptions& o, Context& context) {
  const std::string& names = required_text(o.series, "--series");
  const DateRange range = required_range(o.from, o.to);
  forecast::JobRequest request;
  request.from = range.first;
  request.to = range.last;
  request.as_of = o.as_of;
  request.priority = o.priority.value_or(1);
  request.force = o.force;
  if (o.at) {
    request.not_before = parse_rfc3339(*o.at);
    if (!request.not_before)
      throw Error(ErrorKind::usage,
                  "--at " + shown(*o.at) + ": not a moment (expected like 2026-01-26T14:00:00Z)");
  }
  kernel::Db& db = context.job_db();
  kernel::PgQueue queue(db, forecast::jobs_queue());
  std::vector<forecast::Enqueued> all;
  db.transact([&](kernel::Transaction& tx) {  // all of them, or none
    all.clear();
    for (const std::string& name : split(names, ',')) {
      request.series = trim(name);
      all.push_back(forecast::enqueue_job(tx, queue, request, context.clock.now()));
    }
  });

  Outcome outcome;
  nlohmann::ordered_json data = nlohmann::ordered_json::array();
  long long made = 0;
  for (const forecast::Enqueued& each : all) {
    made += each.is_new ? 1 : 0;
    outcome.table += (each.is_new ? "queued " : "unchanged: there is ") + each.key + "\n";
    data.push_back({{"key", each.key},
                    {"new", each.is_new},
                    {"series", each.payload.series},
                    {"from", each.payload.from.to_string()},
                    {"to", each.payload.to.to_string()},
                    {"as_of", each.payload.as_of.to_string()},
                    {"revision", each.payload.revision}});
    for (const std::string& warning : each.warnings) {
      context.log.warn(warning);
      outcome.warnings.push_back(warning);
    }
  }
  if (made > 0) outcome.kind = OutcomeKind::changed;
  outcome.counts = {{"queued", made}, {"there", static_cast<long long>(all.size()) - made}};
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

Command forecast_enqueue() {
  return make_command<EnqueueOptions>(
      {.path = "forecast enqueue",
       .summary = "queue forecasts of a range of days",
       .details =
           "What is known up to the day before the range is looked at; its newest day is the job's as_of. The same "
           "asked again, of the same data, is unchanged; when data came or changed it is a new job.",
       .examples = {"am forecast enqueue --series rides --from 2016-08-01 --to 2016-08-28",
                    "am forecast enqueue --series rides,spx --from 2000-12-01 --to 2000-12-29 --priority 0"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url"}},
      flags, run);
}

}  // namespace am::cli
