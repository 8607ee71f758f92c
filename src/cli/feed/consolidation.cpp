#include "consolidation.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/feed/consolidate.hpp"
#include "feed_parts.hpp"

namespace am::cli {

namespace {

using kernel::sql_values;

constexpr std::chrono::milliseconds kLookAgain{200};

/// The run is settled from now on, whatever it was decided to be.
void force_run(kernel::Db& db, const std::string& run) {
  db.query(
      "UPDATE feed.run_metadata SET status = 'settled', consolidate_at = clock_timestamp(), updated_at = clock_timestamp() WHERE "
      "run_id = $1::uuid AND (status = 'failed' OR status = 'settled' AND consolidate_at > clock_timestamp())",
      sql_values(run));
}

std::vector<std::string> due_runs(kernel::Db& db, const std::string& feed) {
  const kernel::Rows rows = db.query(
      "SELECT run_id::text AS run_id FROM feed.run_metadata WHERE feed = $1 AND status = 'settled' AND consolidate_at <= "
      "clock_timestamp() ORDER BY created_at, run_id",
      sql_values(feed));
  std::vector<std::string> runs;
  for (const kernel::Row row : rows) runs.push_back(row.text("run_id"));
  return runs;
}

/// Why a run that was named is not due.
Outcome not_due(kernel::Db& db, const std::string& run) {
  const kernel::Rows rows = db.query(
      "SELECT status, to_char(consolidate_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS at FROM feed.run_metadata "
      "WHERE run_id = $1::uuid",
      sql_values(run));
  if (rows.empty())
    throw Error(ErrorKind::no_input, "run " + run + ": there is none", "am feed status lists them");
  const std::string status = rows.only().text("status");
  Outcome outcome;
  outcome.kind = OutcomeKind::skipped;
  if (status == "done") {
    outcome.kind = OutcomeKind::unchanged;
    outcome.table = "run " + run + " is consolidated\n";
  } else if (status == "settled") {
    outcome.table = "run " + run + " is due at " + rows.only().text("at") + "; --force begins now\n";
  } else if (status == "failed") {
    outcome.table =
        "of run " + run + " too little came; am feed retry works on the rest, --force takes what came\n";
  } else {
    outcome.table = "run " + run + " is " + status + "\n";
  }
  return outcome;
}

nlohmann::ordered_json closing_json(const std::string& run, const feed::Closing& closing) {
  nlohmann::ordered_json json = {{"run", run},
                                 {"closed", closing.is_new},
                                 {"seen", closing.seen},
                                 {"undeleted", closing.undeleted},
                                 {"missed", closing.missed},
                                 {"deleted", closing.deleted},
                                 {"watermark_moved", closing.watermark_moved},
                                 {"doubt", nullptr}};
  if (closing.doubt) json["doubt"] = *closing.doubt;
  return json;
}

/// Closes one run; stones that another process has meanwhile are waited for.
feed::Closing close_when_ready(Context& context, const std::string& run,
                               const feed::ConsolidationOptions& options,
                               const std::function<void()>& between, feed::ConsolidationCounts& sum) {
  const auto until = std::chrono::steady_clock::now() + context.options.max_wait;
  for (;;) {
    feed::Closing closing = feed::close_run(context.db(), context.ledger(), run);
    if (!closing.is_pending || std::chrono::steady_clock::now() >= until) return closing;
    context.stop.sleep(kLookAgain);
    const feed::ConsolidationCounts more = feed::consolidate_pending(context.db(), options, between);
    sum.written += more.written;
    sum.refused += more.refused;
  }
}

}  // namespace

Outcome consolidate_runs(Context& context, const std::optional<std::string>& run, bool force) {
  kernel::Db& db = context.job_db();
  const feed::ConsolidationOptions options = consolidation_options(context.config);
  if (run && force) force_run(db, *run);
  std::vector<std::string> runs = due_runs(db, options.feed);
  if (run) {
    if (std::ranges::find(runs, *run) == runs.end()) return not_due(db, *run);
    runs = {*run};
  }
  Outcome outcome;
  if (runs.empty()) {
    outcome.table = "no run is due for consolidation\n";
    return outcome;
  }
  const auto between = [&] { context.stop.check(); };
  feed::ConsolidationCounts sum = feed::consolidate_pending(db, options, between);
  nlohmann::ordered_json closings = nlohmann::ordered_json::array();
  long long closed = 0;
  for (const std::string& each : runs) {
    const feed::Closing closing = close_when_ready(context, each, options, between, sum);
    closings.push_back(closing_json(each, closing));
    closed += closing.is_new ? 1 : 0;
    if (closing.is_pending) {
      outcome.pending = true;
      outcome.error = Error(ErrorKind::busy, "run " + each + ": stones of it are at another process",
                            "a later consolidation closes it");
    }
    if (closing.doubt) {
      if (!outcome.doubtful.empty()) outcome.doubtful += "; ";
      outcome.doubtful +=
          "run " + each + ": " + *closing.doubt +
          ". Nothing was deleted. Is the filter (nivoda.query) another one, or did the supplier lose a part?";
    }
    if (closing.is_new)
      outcome.table += "run " + each + " closed: " + std::to_string(closing.seen) + " stones seen, " +
                       std::to_string(closing.undeleted) + " back, " + std::to_string(closing.missed) +
                       " missed, " + std::to_string(closing.deleted) + " deleted\n";
  }
  outcome.table = std::to_string(sum.written) + " stones consolidated, " + std::to_string(sum.refused) +
                  " refused\n" + outcome.table;
  outcome.counts = {{"written", sum.written}, {"refused", sum.refused}, {"closed", closed}};
  outcome.kind = sum.written + sum.refused + closed > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  if (outcome.error) {
    outcome.exit = outcome.error->exit_code();
    outcome.kind = OutcomeKind::busy;
  }
  if (sum.refused > 0)
    outcome.warnings.push_back(
        std::to_string(sum.refused) +
        " stones can't be mapped: feed.raw_diamonds_nivoda.consolidation_error says why");
  outcome.data =
      nlohmann::ordered_json{{"written", sum.written}, {"refused", sum.refused}, {"runs", closings}}.dump();
  return outcome;
}

}  // namespace am::cli
