#include "am/forecast/notices.hpp"

#include "am/base/text.hpp"

namespace am::forecast {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;

/// Named in one mail; the others are counted.
constexpr std::size_t kMostNamed = 20;
constexpr std::size_t kMostReason = 300;

std::string text_of_dead(const Rows& dead) {
  std::string text;
  for (std::size_t i = 0; i < dead.size() && i < kMostNamed; ++i) {
    const Row row = dead[i];
    text += "job " + row.text("id") + " " + row.text("key") + ", " + row.text("attempts") + " attempts: " +
            ellipsize(row.maybe_text("error_message").value_or("no reason is known"), kMostReason) + "\n";
  }
  if (dead.size() > kMostNamed) text += "and " + std::to_string(dead.size() - kMostNamed) + " more\n";
  return text + "\nam forecast jobs list --status dead shows them; am forecast jobs retry tries one again\n";
}

}  // namespace

void add_notice(kernel::Transaction& tx, std::string_view kind, const std::string& subject,
                const std::string& text) {
  tx.query(
      "INSERT INTO forecast.notices (kind, subject, text, made_at) VALUES ($1, $2, $3, clock_timestamp())",
      sql_values(kind, subject, text));
}

void notice_dead_jobs(kernel::Db& db) {
  db.transact([&](kernel::Transaction& tx) {
    // What another process has just taken is in its notice.
    const Rows dead = tx.query(
        "WITH untold AS MATERIALIZED (SELECT id FROM jobs.forecast_jobs WHERE status = 'dead' AND (told_epoch = epoch) IS NOT "
        "TRUE ORDER BY id FOR UPDATE SKIP LOCKED), told AS (UPDATE jobs.forecast_jobs t SET told_epoch = t.epoch FROM untold "
        "WHERE t.id = untold.id RETURNING t.id, t.key, t.attempts, t.error_message) SELECT * FROM told ORDER BY id");
    if (dead.empty()) return;
    const std::string count = std::to_string(dead.size());
    add_notice(tx, "dead",
               dead.size() == 1 ? "a job is dead: its attempts are used up"
                                : count + " jobs are dead: their attempts are used up",
               text_of_dead(dead));
  });
}

long long tell_notices(kernel::Db& db, kernel::Alerts& alerts) {
  const Rows untold =
      db.query("SELECT id, kind, subject, text FROM forecast.notices WHERE told_at IS NULL ORDER BY id");
  long long told = 0;
  for (const Row notice : untold) {
    const std::string name = notice.text("kind") + "-" + notice.text("id");
    if (!alerts.tell_notice("forecast", name, notice.text("subject"), notice.text("text"))) break;
    db.query(
        "UPDATE forecast.notices SET told_at = clock_timestamp() WHERE id = $1::bigint AND told_at IS NULL",
        sql_values(notice.text("id")));
    ++told;
  }
  return told;
}

}  // namespace am::forecast
