#pragma once
// A database with one run and its partitions, one worker, and a supplier that a test plays: stones in the order of their
// creation, each with a price in dollars.

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/hash.hpp"
#include "am/feed/crawl.hpp"
#include "am/feed/desk.hpp"
#include "am/feed/runs.hpp"
#include "am/kernel/ids.hpp"
#include "feed/canonical_json.hpp"
#include "support/pg.hpp"

namespace am::feed {

struct ShelfStone {
  std::string id;
  long long dollars = 0;
  int version = 0;
};

inline Offer offer_of(const ShelfStone& stone) {
  Offer offer;
  offer.offer_id = "o-" + stone.id;
  offer.supplier_stone_id = stone.id;
  offer.payload_json = R"({"id":"o-)" + stone.id + R"(","price":)" + std::to_string(stone.dollars * 100) +
                       R"(,"version":)" + std::to_string(stone.version) + R"(,"diamond":{"id":")" + stone.id +
                       R"("}})";
  offer.payload_hash = sha256_hex(*canonical_json(offer.payload_json));
  return offer;
}

class Shelf final : public Supplier {
 public:
  std::vector<ShelfStone> stones;
  std::function<void()> before_page = [] {};  ///< may throw, sell, change
  std::vector<long long> asked;               ///< offsets
  std::vector<Filter> filters;

  explicit Shelf(int count = 0, long long dollars = 100) {
    for (int i = 0; i < count; ++i) stones.push_back({"s" + std::to_string(1000 + i), dollars});
  }
  long long count(const Filter& filter) override { return static_cast<long long>(matching(filter).size()); }
  Page page(const Filter& filter, long long offset, int limit) override {
    asked.push_back(offset);
    filters.push_back(filter);
    before_page();
    Page page;
    const std::vector<ShelfStone> found = matching(filter);
    for (auto i = static_cast<std::size_t>(offset);
         i < found.size() && page.offers.size() < static_cast<std::size_t>(limit); ++i)
      page.offers.push_back(offer_of(found[i]));
    return page;
  }

 private:
  std::vector<ShelfStone> matching(const Filter& filter) const {
    std::vector<ShelfStone> out;
    std::ranges::copy_if(stones, std::back_inserter(out), [&](const ShelfStone& stone) {
      return filter.price.from <= stone.dollars && stone.dollars <= filter.price.to;
    });
    return out;
  }
};

/// Of a partition.
struct Part {
  PriceRange price{0, 250000};
  long long expected = 0;
};

struct CrawlBed {
  explicit CrawlBed(const test::TestDb& of, std::function<void(std::string_view)> probe = {},
                    const kernel::QueueSpec& spec = partitions_queue())
      : home(of),
        db(of.open(std::move(probe))),
        queue(*db, spec),
        heartbeat({.url = of.url(), .probe = {}}, log) {
    options.page_size = 10;
    options.worker_id = "host/1/1";
    options.database.base = std::chrono::milliseconds(0);
    options.on_partition_ended = [this](const std::string& run) {
      ++settled;
      settle(*db, run);
    };
  }

  const test::TestDb& home;
  std::unique_ptr<kernel::Db> db;
  std::ostringstream lines;
  kernel::Log log{lines, {}};
  kernel::Stop stop;
  kernel::PgQueue queue;
  kernel::Heartbeat heartbeat;
  CrawlOptions options;
  int settled = 0;

  std::string run_of(const std::vector<Part>& parts, RunType type = RunType::full,
                     const std::string& query = "{}", const std::optional<std::string>& watermark = {}) {
    const std::string id = kernel::new_id();
    db->query(
        "INSERT INTO feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, expected_records, "
        "counted_records, watermark_before, watermark_after, created_at, updated_at) VALUES ($1::uuid, 'nivoda', $2, $3::json, "
        "repeat('0', 64), $4::int, 0, 0, $5::timestamptz, clock_timestamp(), clock_timestamp(), clock_timestamp())",
        kernel::sql_values(id, run_type_name(type), query, parts.size(), watermark));
    std::vector<kernel::NewItem> items;
    for (const Part& part : parts) {
      const WorkItemMessage message{.run_id = id,
                                    .partition_id = "p-00" + std::to_string(items.size() + 1),
                                    .price_min = part.price.from,
                                    .price_max = part.price.to,
                                    .expected_records = part.expected,
                                    .is_incremental = type == RunType::incremental,
                                    .watermark_before = watermark};
      items.push_back({message.key(), message.to_json()});
    }
    queue.enqueue(*db, items);
    return id;
  }

  kernel::Drained work(Supplier& supplier, std::optional<std::size_t> most = {}) {
    PartitionWorker worker(*db, queue, supplier, log, stop, options);
    const kernel::Drained drained = kernel::drain(
        queue, *db, heartbeat, log, stop, {.most = most},
        [&](const kernel::Item& item, const kernel::Lease& lease) { return worker(item, lease); });
    worker.settle_all();
    return drained;
  }

  /// What waits for its time, or is held by nobody any more, is ready.
  void make_ready() const {
    home.open()->query(
        "UPDATE feed.partition_progress SET ready_at = clock_timestamp() - interval '1 second' WHERE status IN ('queued', "
        "'running')");
  }

  std::string value(const std::string& sql) const { return test::value_of(*db, sql); }
  std::string partition() const {
    return value(
        "SELECT concat_ws(' ', p.status, 'at', p.next_offset, 'records', p.records, 'worker', w.status, w.records_processed) "
        "FROM feed.partition_progress p JOIN feed.worker_runs w USING (run_id, partition_id) ORDER BY p.id LIMIT 1");
  }
  /// Of all pages, in their order: "0+10 9+10"
  std::string pages() const {
    return value(
        "SELECT string_agg(at_offset || '+' || received, ' ' ORDER BY run_id, partition_id, page) FROM feed.pages");
  }
  std::vector<std::string> stones() const {
    std::vector<std::string> ids;
    const kernel::Rows rows =
        db->query("SELECT supplier_stone_id FROM feed.raw_diamonds_nivoda ORDER BY supplier_stone_id");
    for (const kernel::Row row : rows) ids.push_back(row.text("supplier_stone_id"));
    return ids;
  }
};

}  // namespace am::feed
