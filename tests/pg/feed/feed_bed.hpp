#pragma once
// A database with runs of the feed desk and stones as they came, without anybody who was asked for them.

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/hash.hpp"
#include "am/feed/consolidate.hpp"
#include "am/kernel/ids.hpp"
#include "support/pg.hpp"

namespace am::feed {

struct FeedBed {
  explicit FeedBed(const test::TestDb& of, std::function<void(std::string_view)> probe = {})
      : home(of), db(of.open(std::move(probe))) {}

  const test::TestDb& home;
  std::unique_ptr<kernel::Db> db;
  std::ostringstream lines;
  kernel::Log log{lines, {}};
  kernel::Stop stop;
  kernel::Ledger ledger{*db, log, stop, {}};
  ConsolidationOptions options{.feed = "nivoda", .margins = {}, .batch = 4};
  int pages = 0;

  /// A run that is settled and due. counted: what its plan counted.
  std::string settled_run(const std::string& type, long long counted, int expected = 2, int completed = 2) {
    const std::string id = kernel::new_id();
    db->query(
        "INSERT INTO feed.run_metadata (run_id, feed, run_type, status, query, query_hash, expected_workers, completed_workers, "
        "failed_workers, expected_records, counted_records, watermark_after, consolidate_at, created_at, updated_at) VALUES "
        "($1::uuid, 'nivoda', $2, 'settled', '{}', $3, $4::integer, $5::integer, $6::integer, $7::bigint, $7::bigint, "
        "clock_timestamp(), clock_timestamp(), clock_timestamp(), clock_timestamp())",
        kernel::sql_values(id, type, sha256_hex("{}"), expected, completed, expected - completed, counted));
    return id;
  }

  static std::string payload(const std::string& stone, long long cents,
                             const std::string& certificate = R"({"shape":"ROUND"})") {
    return R"({"id":"o-)" + stone + R"(","price":)" + std::to_string(cents) + R"(,"diamond":{"id":")" +
           stone + R"(","certificate":)" + certificate + "}}";
  }

  /// A page of the run that has these stones; those that are new or have another payload are pending.
  void page(const std::string& run, const std::vector<std::pair<std::string, std::string>>& stones) {
    std::vector<kernel::SqlValue> ids;
    for (const auto& [stone, json] : stones) {
      db->query(
          "INSERT INTO feed.raw_diamonds_nivoda (feed, run_id, supplier_stone_id, offer_id, payload, payload_hash, fetched_at, "
          "created_at, updated_at) VALUES ('nivoda', $1::uuid, $2, 'o-' || $2, $3::json, $4, clock_timestamp(), "
          "clock_timestamp(), clock_timestamp()) ON CONFLICT (feed, supplier_stone_id) DO UPDATE SET run_id = excluded.run_id, "
          "payload = excluded.payload, payload_hash = excluded.payload_hash, fetched_at = excluded.fetched_at, consolidated = "
          "false, consolidation_error = NULL WHERE raw_diamonds_nivoda.payload_hash <> excluded.payload_hash",
          kernel::sql_values(run, stone, json, sha256_hex(json)));
      ids.push_back(db->query("SELECT id FROM feed.raw_diamonds_nivoda WHERE supplier_stone_id = $1",
                              kernel::sql_values(stone))
                        .only()
                        .at("id"));
    }
    db->query(
        "INSERT INTO feed.pages (run_id, partition_id, page, at_offset, received, new, changed, ids, fetched_at) VALUES "
        "($1::uuid, 'p-1', $2::integer, 0, 0, 0, 0, $3::bigint[], clock_timestamp())",
        kernel::sql_values(run, ++pages, kernel::sql_array(ids)));
  }
  void page_of(const std::string& run, const std::vector<std::string>& stones) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& stone : stones) all.emplace_back(stone, payload(stone, 10000));
    page(run, all);
  }

  ConsolidationCounts consolidate() {
    return consolidate_pending(*db, options, [] {});
  }
  Closing close(const std::string& run) { return close_run(*db, ledger, run); }
  /// Consolidated and closed.
  Closing finish(const std::string& run) {
    consolidate();
    return close(run);
  }

  /// One column of all stones, by their ids: "a=1 b=2".
  std::string stones(const std::string& column) {
    std::string text;
    for (const kernel::Row row :
         db->query("SELECT supplier_stone_id AS id, coalesce((" + column +
                   ")::text, '-') AS v FROM feed.diamonds ORDER BY supplier_stone_id COLLATE \"C\""))
      text += (text.empty() ? "" : " ") + row.text("id") + "=" + row.text("v");
    return text;
  }
};

/// "a" to so many letters on.
inline std::vector<std::string> letters(int n) {
  std::vector<std::string> all;
  for (int i = 0; i < n; ++i) all.emplace_back(1, static_cast<char>('a' + i));
  return all;
}

}  // namespace am::feed
