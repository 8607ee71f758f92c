#pragma once
// What the tests of `am feed work` as a process share: a supplier's stand-in with 900 stones, and a run of three partitions.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/feed/desk.hpp"
#include "am/feed/types.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/queue.hpp"
#include "support/am_process.hpp"
#include "support/feed/standin.hpp"

namespace am::test {

class FeedWorkBed : public testing::Test {
 protected:
  std::map<std::string, std::string> env(
      const std::string& password = std::string(Standin::kPassword)) const {
    return {{"PATH", "/usr/bin:/bin"},
            {"DATABASE_URL", home_.url()},
            {"AM_DESKS_ENABLED", "feed"},
            {"LOG_LEVEL", "debug"},
            {"XDG_RUNTIME_DIR", tokens_.path().string()},
            {"NIVODA_ENDPOINT", standin_.endpoint()},
            {"NIVODA_USERNAME", std::string(Standin::kUser)},
            {"NIVODA_PASSWORD", password},
            {"NIVODA_RATE", "1000/s"}};
  }

  /// A run of three partitions, about as large as is told.
  void plan() {
    const std::string id = kernel::new_id();
    db_->query(
        "INSERT INTO feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, expected_records, "
        "counted_records, watermark_after, created_at, updated_at) VALUES ($1::uuid, 'nivoda', 'full', '{}', repeat('0', 64), 3, "
        "900, 900, clock_timestamp(), clock_timestamp(), clock_timestamp())",
        kernel::sql_values(id));
    const long long edges[] = {0, 1200, 4000, feed::kMostDollars};
    std::vector<kernel::NewItem> items;
    for (std::size_t i = 0; i < 3; ++i) {
      const feed::WorkItemMessage message{.run_id = id,
                                          .partition_id = "p-00" + std::to_string(i + 1),
                                          .price_min = edges[i],
                                          .price_max = edges[i + 1],
                                          .expected_records = 300};
      items.push_back({message.key(), message.to_json()});
    }
    kernel::PgQueue(*db_, feed::partitions_queue()).enqueue(*db_, items);
  }

  std::string value(const std::string& sql) { return value_of(*db_, sql); }

  TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const Directory tokens_;
  const Directory files_;
  const Standin standin_{{"--stones", "900", "--latency-ms", "20"}};
};

}  // namespace am::test
