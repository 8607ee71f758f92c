#include <chrono>

#include "am/cli/context.hpp"
#include "am/forecast/jobs.hpp"
#include "am/kernel/drain.hpp"
#include "cli/commands.hpp"
#include "cli/work_outcome.hpp"
#include "forecast_commands.hpp"
#include "mails.hpp"

namespace am::cli {

namespace {

struct WorkOptions {
  std::optional<int> most;
  bool watch = false;
};

void flags(Flags& f, WorkOptions& o) {
  f.integer("--max-jobs", o.most, 1, 1000000, "end after so many");
  f.on("--watch", o.watch,
       "when the queue is empty look again every POLL_INTERVAL seconds, until asked to end");
}

Outcome run(const WorkOptions& o, Context& context) {
  kernel::Db& db = context.job_db();
  kernel::PgQueue queue(db, forecast::jobs_queue());
  kernel::DbOptions own = context.db_options();
  own.application_name = "am heartbeat";
  own.probe = nullptr;  // it counts what the command itself does
  kernel::Heartbeat heartbeat(std::move(own), context.log);
  forecast::JobWorker worker(db, queue, context.log, context.stop, forecast::forecast_series);
  const auto poll = std::chrono::seconds(context.config.integer("forecast.poll_interval_s"));
  kernel::Drained sum;
  for (;;) {
    kernel::DrainOptions options;
    if (o.most) options.most = static_cast<std::size_t>(*o.most) - taken(sum);
    try {
      add(sum, kernel::drain(queue, db, heartbeat, context.log, context.stop, options, worker));
    } catch (const Error& error) {  // a job that it held is ready again when its lease ends
      if (!o.watch || error.kind() != ErrorKind::unavailable) throw;
      context.log.warn("the database is away, it is tried again", {{"error", error.message()}});
    }
    const bool is_over =
        context.stop.requested() || (o.most && taken(sum) >= static_cast<std::size_t>(*o.most));
    if (!o.watch || is_over) break;
    try {
      context.stop.sleep(poll);
    } catch (const Error&) {  // asked to end: that is how it ends
      break;
    }
  }
  if (!o.watch) context.stop.check();
  tell_forecast_notices(context);
  return outcome_of_work(sum, "no job is ready");
}

}  // namespace

Command forecast_work() {
  return make_command<WorkOptions>(
      {.path = "forecast work",
       .summary = "work on queued jobs until none is ready",
       .details =
           "As many at once as you like: no job is claimed by two, and one whose worker died is ready again when its "
           "lease ends. A job that can never succeed is failed, with the reason; one whose attempts are used up is "
           "dead. Of those that died one mail is sent at the end, if alerts are configured.",
       .examples = {"am forecast work", "am forecast work --max-jobs 100", "am forecast work --watch"},
       .exits = {ExitCode::partial, ExitCode::data, ExitCode::no_input, ExitCode::needs_human,
                 ExitCode::denied, ExitCode::failure},
       .config = {"database.url", "forecast", "alerts"},
       .streams = true},
      flags, run);
}

}  // namespace am::cli
