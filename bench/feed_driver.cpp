// What `bench/feed` measures of a crawl's storing, over a migrated database: a page's transaction, as a worker has it,
// beside a COPY of the same rows, each by the CPU time of its backend.
//
//   feed_driver page ROWS PAGES      ROWS offers of 2.5 kB in each of PAGES pages; prints "new A B", "changed A B" and
//                                    "unchanged A B": microseconds a page, of ours and of COPY
//   feed_driver plan RANGE...        a run with a partition for each FROM:TO:EXPECTED
//
// DATABASE_URL names the database.

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "am/base/hash.hpp"
#include "am/feed/desk.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/ids.hpp"
#include "feed/store_page.hpp"

namespace {

using namespace am::feed;
namespace kernel = am::kernel;

constexpr int kBytes = 2500;

std::unique_ptr<kernel::Db> open() {
  const char* url = std::getenv("DATABASE_URL");
  if (url == nullptr) throw std::runtime_error("DATABASE_URL is not set");
  kernel::DbOptions options;
  options.url = url;
  return kernel::open_db(options);
}

/// A connection and the CPU time of its backend.
class Backend {
 public:
  Backend() : db(open()), pid_(db->query("SELECT pg_backend_pid() AS pid").only().integer("pid")) {}
  const std::unique_ptr<kernel::Db> db;

  /// Microseconds of CPU since the last call.
  double spent() {
    const auto text = kernel::read_file("/proc/" + std::to_string(pid_) + "/schedstat");
    if (!text) throw std::runtime_error("no schedstat of the backend");
    const double now = std::stod(*text) / 1000;
    return now - std::exchange(last_, now);
  }

 private:
  long long pid_;
  double last_ = 0;
};

/// As the supplier's: names that repeat, values that do not.
Offer offer_of(int number, int version) {
  Offer offer;
  offer.offer_id = "DIAMOND/" + std::to_string(number);
  offer.supplier_stone_id = am::sha256_hex(std::to_string(number)).substr(0, 36);
  std::string& json = offer.payload_json;
  json = R"({"id":")" + offer.offer_id + R"(","price":)" + std::to_string(100 + version) +
         R"(,"diamond":{"id":")" + offer.supplier_stone_id + R"(","certificate":{)";
  for (int field = 0; json.size() < kBytes; ++field)
    json += fmt::format(R"("measure_of_{}":"{}",)", field,
                        am::sha256_hex(std::to_string(number) + "/" + std::to_string(field)).substr(0, 12));
  json += R"("end":null}}})";
  offer.payload_hash = am::sha256_hex(json);
  return offer;
}

void add_run(kernel::Db& db, const std::string& id, const std::vector<WorkItemMessage>& parts) {
  db.query(
      "INSERT INTO feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, expected_records, "
      "counted_records, watermark_after, created_at, updated_at) VALUES ($1::uuid, 'nivoda', 'full', '{}', repeat('0', 64), "
      "$2::int, 0, 0, clock_timestamp(), clock_timestamp(), clock_timestamp())",
      kernel::sql_values(id, parts.size()));
  kernel::PgQueue queue(db, partitions_queue());
  std::vector<kernel::NewItem> items;
  for (const WorkItemMessage& part : parts) items.push_back({part.key(), part.to_json()});
  queue.enqueue(db, items);
}

void measure(const char* name, int rows, int pages, int version, const std::string& copied) {
  Backend ours;
  Backend theirs;
  kernel::PgQueue queue(*ours.db, partitions_queue());
  const std::string run = kernel::new_id();
  ours.db->query("UPDATE feed.run_metadata SET status = 'done'");
  ours.db->query("UPDATE feed.partition_progress SET status = 'done'");
  const WorkItemMessage work{
      .run_id = run, .partition_id = "p-001", .expected_records = static_cast<long long>(rows) * pages};
  add_run(*ours.db, run, {work});
  const kernel::Item item = queue.claim(1).at(0);
  ours.db->transact([&](kernel::Transaction& tx) {
    std::unordered_set<long long> seen;
    begin_partition(tx, queue, item, "bench", seen);
  });
  const am::Instant now =
      ours.db->query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now")
          .only()
          .micros("now");
  const std::string_view columns[] = {"feed",       "run_id",     "supplier_stone_id",
                                      "offer_id",   "payload",    "payload_hash",
                                      "fetched_at", "created_at", "updated_at"};
  ours.spent();
  theirs.spent();
  double our_time = 0, their_time = 0;
  long long records = 0;
  for (int page = 0; page < pages; ++page) {
    Page came;
    for (int row = 0; row < rows; ++row) came.offers.push_back(offer_of(page * rows + row, version));
    std::vector<kernel::SqlValues> values;
    for (const Offer& offer : came.offers)
      values.push_back(kernel::sql_values("nivoda", run, offer.supplier_stone_id, offer.offer_id,
                                          offer.payload_json, offer.payload_hash, now, now, now));
    ours.db->transact([&](kernel::Transaction& tx) {
      const StoredPage stored = store_offers(tx, "nivoda", run, came.offers, now);
      records += rows;
      store_progress(tx, item,
                     {.page = page + 1,
                      .at_offset = static_cast<long long>(page) * rows,
                      .next_offset = static_cast<long long>(page) * rows,
                      .fetched_at = now},
                     came, stored, records);
    });
    theirs.db->transact([&](kernel::Transaction& tx) { tx.copy_in(copied, columns, values); });
    if (page == 1) {  // the first two warm up
      ours.spent();
      theirs.spent();
    }
  }
  our_time = ours.spent() / (pages - 2);
  their_time = theirs.spent() / (pages - 2);
  fmt::print("{} {:.0f} {:.0f}\n", name, our_time, their_time);
}

void measure_pages(int rows, int pages) {
  const auto db = open();
  db->query("TRUNCATE feed.run_metadata, feed.raw_diamonds_nivoda CASCADE");
  const char* names[] = {"new", "changed", "unchanged"};
  for (int step = 0; step < 3; ++step) {
    const std::string copied = "bench_copy";
    db->query("DROP TABLE IF EXISTS bench_copy");
    db->query("CREATE TABLE bench_copy (LIKE feed.raw_diamonds_nivoda INCLUDING ALL)");
    measure(names[step], rows, pages, step == 0 ? 0 : 1, copied);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 3 && args[0] == "page") {
      measure_pages(std::stoi(args[1]), std::stoi(args[2]));
      return 0;
    }
    if (args.size() > 1 && args[0] == "plan") {
      const auto db = open();
      const std::string run = kernel::new_id();
      std::vector<WorkItemMessage> parts;
      for (std::size_t i = 1; i < args.size(); ++i) {
        WorkItemMessage part{.run_id = run, .partition_id = fmt::format("p-{:03}", i)};
        if (std::sscanf(args[i].c_str(), "%lld:%lld:%lld", &part.price_min, &part.price_max,
                        &part.expected_records) != 3)
          throw std::runtime_error("expected FROM:TO:EXPECTED");
        parts.push_back(part);
      }
      add_run(*db, run, parts);
      return 0;
    }
    fmt::print(stderr, "feed_driver page ROWS PAGES | plan RANGE...\n");
    return 64;
  } catch (const std::exception& error) {
    fmt::print(stderr, "feed_driver: {}\n", error.what());
    return 1;
  }
}
