// What is told of a run that failed. That it was told is noted on the run, so a process that dies in between tells it again,
// under the same key.

#include "am/base/text.hpp"
#include "am/feed/steer.hpp"
#include "run_rows.hpp"

namespace am::feed {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

namespace {

constexpr int kShownErrors = 10;

std::string failure_mail(kernel::Sql& sql, const FeedRun& run) {
  std::string text = "The " + std::string(run_type_name(run.type)) + " run " + run.id + " of feed " +
                     run.feed + " failed: " + std::to_string(run.completed) + " of " +
                     std::to_string(run.expected) + " partitions came through, too few to consolidate.\n\n";
  const Rows rows = sql.query(
      "SELECT partition_id, records, (payload ->> 'expectedRecords')::bigint AS expected, coalesce(error_message, '') AS error "
      "FROM feed.partition_progress WHERE run_id = $1::uuid AND status IN ('dead', 'failed', 'cancelled') ORDER BY id LIMIT "
      "$2::int",
      sql_values(run.id, kShownErrors));
  for (const Row row : rows)
    text += row.text("partition_id") + ": " + row.text("records") + " of " + row.text("expected") +
            " stones; " + one_line(row.text("error")) + "\n";
  if (run.failed > kShownErrors) text += "and " + std::to_string(run.failed - kShownErrors) + " more\n";
  return text + "\nTo work on what failed once more: am feed retry --run " + run.id + "\n";
}

}  // namespace

long long tell_failures(kernel::Db& db, kernel::HttpClient& http, kernel::Log& log,
                        const kernel::MailOptions& mail) {
  const Rows rows = db.query(
      "SELECT " + run_columns() +
      " FROM feed.run_metadata WHERE status = 'failed' AND told_decision < decisions ORDER BY created_at");
  long long told = 0;
  for (const Row row : rows) {
    const FeedRun run = run_of(row);
    const std::string decision = std::to_string(run.decisions);
    try {
      kernel::send_alert(http, log, &db, mail,
                         {.key = "run-failed/" + run.id + "/" + decision,
                          .subject = "am feed: run " + run.id + " failed, " + std::to_string(run.failed) +
                                     " of " + std::to_string(run.expected) + " partitions",
                          .text = failure_mail(db, run)});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      log.error("the alert could not be sent", {{"run", run.id}, {"error", error.message()}});
      continue;
    }
    db.query(
        "UPDATE feed.run_metadata SET told_decision = $2::int WHERE run_id = $1::uuid AND told_decision < $2::int",
        sql_values(run.id, run.decisions));
    ++told;
  }
  return told;
}

}  // namespace am::feed
