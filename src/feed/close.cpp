// A run's closing: what it saw is there, what complete full runs missed goes, the watermark goes on. One transaction.

#include <nlohmann/json.hpp>

#include "am/feed/consolidate.hpp"
#include "am/feed/types.hpp"
#include "am/kernel/ids.hpp"
#include "run_rows.hpp"

namespace am::feed {

namespace {

using kernel::Rows;
using kernel::sql_values;

/// Somebody else closed it meanwhile: nothing of this is written.
struct ClosedElsewhere {};

bool has_pending(kernel::Transaction& tx, const std::string& run_id, const std::string& feed) {
  return tx
      .query(
          "SELECT EXISTS (SELECT FROM feed.raw_diamonds_nivoda WHERE NOT consolidated AND consolidation_error IS NULL AND feed "
          "= $2 AND run_id = $1::uuid) AS pending",
          sql_values(run_id, feed))
      .only()
      .boolean("pending");
}

long long affected(const Rows& rows) { return static_cast<long long>(rows.affected); }

class Close {
 public:
  Close(kernel::Transaction& tx, const FeedRun& run, Closing& closing)
      : tx_(tx), run_(run), closing_(closing) {}

  void work() {
    see();
    if (run_.type == RunType::full && run_.is_complete()) miss();
    if (run_.is_complete()) move_watermark();
  }

 private:
  /// Stones that the run saw, in a table of their own: they are asked for three times.
  void see() {
    tx_.query(
        "CREATE TEMPORARY TABLE seen_stones ON COMMIT DROP AS SELECT DISTINCT unnest(ids) AS raw_id FROM feed.pages WHERE "
        "run_id = $1::uuid",
        sql_values(run_.id));
    tx_.query("ANALYZE seen_stones");
    closing_.seen = tx_.query("SELECT count(*) AS n FROM pg_temp.seen_stones").only().integer("n");
    closing_.undeleted =
        tx_.query(
               "WITH back AS (UPDATE feed.diamonds d SET missed = 0, deleted_at = NULL, updated_at = "
               "clock_timestamp() FROM pg_temp.seen_stones s, feed.diamonds was WHERE d.raw_id = s.raw_id AND was.raw_id "
               "= s.raw_id AND d.feed = $1 AND (d.missed > 0 OR d.deleted_at IS NOT NULL) RETURNING "
               "was.deleted_at) SELECT count(deleted_at) AS n FROM back",
               sql_values(run_.feed))
            .only()
            .integer("n");
  }

  /// What was on sale when the run was planned and what neither it nor a run since has seen.
  void miss() {
    if (closing_.seen * 100 < run_.counted_records * kLeastSeenPercent) {
      closing_.doubt = "saw " + std::to_string(closing_.seen) + " of the " +
                       std::to_string(run_.counted_records) + " stones that were counted, less than " +
                       std::to_string(kLeastSeenPercent) + " %";
      return;
    }
    tx_.query(
        "INSERT INTO pg_temp.seen_stones SELECT DISTINCT unnest(p.ids) FROM feed.pages p JOIN feed.run_metadata r USING (run_id) WHERE "
        "r.feed = $1 AND p.run_id <> $2::uuid AND p.fetched_at >= $3::timestamptz",
        sql_values(run_.feed, run_.id, run_.watermark_after));
    closing_.missed = affected(tx_.query(
        "UPDATE feed.diamonds d SET missed = missed + 1, updated_at = clock_timestamp() WHERE feed = $1 AND deleted_at IS NULL AND "
        "fetched_at < $2::timestamptz AND NOT EXISTS (SELECT FROM pg_temp.seen_stones s WHERE s.raw_id = d.raw_id)",
        sql_values(run_.feed, run_.watermark_after)));
    const Rows vanishing = tx_.query(
        "SELECT count(*) AS present, count(*) FILTER (WHERE missed >= $2::integer) AS gone FROM feed.diamonds WHERE feed = $1 AND "
        "deleted_at IS NULL",
        sql_values(run_.feed, kMissedRuns));
    const long long there = vanishing.only().integer("present"), gone = vanishing.only().integer("gone");
    if (gone * 100 > there * kMostVanishedPercent) {
      closing_.doubt = std::to_string(gone) + " of " + std::to_string(there) +
                       " stones would be deleted, more than " + std::to_string(kMostVanishedPercent) + " %";
      return;
    }
    closing_.deleted = affected(tx_.query(
        "UPDATE feed.diamonds SET deleted_at = clock_timestamp(), updated_at = clock_timestamp() WHERE feed = $1 AND deleted_at IS "
        "NULL AND missed >= $2::integer",
        sql_values(run_.feed, kMissedRuns)));
  }

  void move_watermark() {
    closing_.watermark_moved =
        affected(tx_.query(
            "INSERT INTO feed.watermarks (feed, query_hash, watermark, run_id, updated_at) VALUES ($1, $2, $3::timestamptz, "
            "$4::uuid, clock_timestamp()) ON CONFLICT (feed, query_hash) DO UPDATE SET watermark = excluded.watermark, run_id = "
            "excluded.run_id, updated_at = excluded.updated_at WHERE watermarks.watermark < excluded.watermark",
            sql_values(run_.feed, run_.query_hash, run_.watermark_after, run_.id))) > 0;
  }

  kernel::Transaction& tx_;
  const FeedRun& run_;
  Closing& closing_;
};

std::string counts_json(const Closing& closing) {
  nlohmann::ordered_json json = {{"seen", closing.seen},
                                 {"undeleted", closing.undeleted},
                                 {"missed", closing.missed},
                                 {"deleted", closing.deleted},
                                 {"watermark_moved", closing.watermark_moved}};
  if (closing.doubt) json["doubt"] = *closing.doubt;
  return json.dump();
}

}  // namespace

Closing close_run(kernel::Db& db, kernel::Ledger& ledger, const std::string& run_id) {
  Closing closing;
  const std::string ledger_id = kernel::new_id();
  try {
    db.transact([&](kernel::Transaction& tx) {
      closing = {};
      const FeedRun run = lock_run(tx, run_id);
      if (run.status != RunStatus::settled) return;
      closing.is_pending = has_pending(tx, run.id, run.feed);
      if (closing.is_pending) return;
      Close(tx, run, closing).work();
      const std::string counts = counts_json(closing);
      if (!ledger.record(tx, ledger_id, kConsolidationJob, run_id, "close", counts, true))
        throw ClosedElsewhere{};
      tx.query(
          "UPDATE feed.run_metadata SET status = 'done', finished_at = clock_timestamp(), updated_at = clock_timestamp() WHERE "
          "run_id = $1::uuid",
          sql_values(run_id));
      kernel::Ledger::event(tx, "feed_run_closed", {}, ledger_id, counts, "run " + run_id);
      closing.is_new = true;
    });
  } catch (const ClosedElsewhere&) {
    return {};
  }
  return closing;
}

}  // namespace am::feed
