#include <thread>

#include <gmock/gmock.h>

#include "am/base/date.hpp"
#include "am/kernel/queue_admin.hpp"
#include "crawl_bed.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using kernel::Drained;
using test::error_of;
using testing::HasSubstr;

class Crawling : public testing::Test {
 protected:
  const test::TestDb home_;
  CrawlBed bed_{home_};
};

TEST_F(Crawling, APartitionIsReadToItsEnd) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  const Drained drained = bed_.work(shelf);
  EXPECT_EQ(drained.done, 1U);
  EXPECT_EQ(bed_.pages(), "0+10 9+10 18+7 24+1 25+0");
  EXPECT_EQ(bed_.partition(), "done at 25 records 25 worker completed 25");
  EXPECT_EQ(bed_.stones().size(), 25U);
  EXPECT_EQ(bed_.value("SELECT concat(sum(new), ' ', sum(changed)) FROM feed.pages"), "25 0");
  EXPECT_EQ(bed_.value("SELECT concat(status, ' ', completed_workers) FROM feed.run_metadata"), "settled 1");
  EXPECT_EQ(
      bed_.value("SELECT payload::text FROM feed.raw_diamonds_nivoda WHERE supplier_stone_id = 's1003'"),
      offer_of({"s1003", 100}).payload_json);
  EXPECT_EQ(bed_.value("SELECT worker_id FROM feed.worker_runs"), "host/1/1");
  EXPECT_THAT(bed_.lines.str(), HasSubstr("partition completed"));
}

TEST_F(Crawling, AsksForTheRunsFilterAndSinceItsWatermark) {
  Shelf shelf(1);
  bed_.run_of({{{50, 200}, 1}}, RunType::full, R"({"labgrown":true})");
  bed_.work(shelf);
  EXPECT_EQ(shelf.filters[0].query_json, R"({"labgrown":true})");
  EXPECT_EQ(shelf.filters[0].price, (PriceRange{50, 200}));
  EXPECT_EQ(shelf.filters[0].updated_from, parse_rfc3339("2000-01-01T00:00:00Z"));
  bed_.run_of({{{50, 200}, 1}}, RunType::incremental, "{}", "2026-11-26T10:00:00Z");
  bed_.work(shelf);
  EXPECT_EQ(shelf.filters.back().updated_from, parse_rfc3339("2026-11-26T09:45:00Z"));
}

TEST_F(Crawling, OnlyWhatIsNewOrChangedIsWritten) {
  Shelf shelf(25);
  const std::string first = bed_.run_of({{{0, 250000}, 25}});
  bed_.work(shelf);
  bed_.db->query("UPDATE feed.raw_diamonds_nivoda SET consolidated = true");
  bed_.db->query(
      "UPDATE feed.raw_diamonds_nivoda SET consolidated = false, consolidation_error = 'no price' WHERE supplier_stone_id = "
      "'s1003'");
  const std::string written =
      "SELECT string_agg(xmin::text, ' ' ORDER BY id) FROM feed.raw_diamonds_nivoda WHERE "
      "supplier_stone_id <> 's1003'";
  const std::string before = bed_.value(written);
  bed_.db->query("UPDATE feed.run_metadata SET status = 'done'");
  shelf.stones[3].version = 1;
  const std::string second = bed_.run_of({{{0, 250000}, 25}});
  bed_.work(shelf);
  EXPECT_EQ(bed_.value(written), before);
  EXPECT_EQ(bed_.value("SELECT concat(sum(new), ' ', sum(changed)) FROM feed.pages WHERE run_id = '" +
                       second + "'"),
            "0 1");
  EXPECT_EQ(
      bed_.value(
          "SELECT string_agg(DISTINCT run_id::text, ' ') FROM feed.raw_diamonds_nivoda WHERE NOT consolidated AND "
          "consolidation_error IS NULL AND supplier_stone_id = 's1003'"),
      second);
  EXPECT_EQ(bed_.value("SELECT count(*) FROM feed.raw_diamonds_nivoda WHERE run_id = '" + first + "'"), "24");
}

TEST_F(Crawling, TheNewerRequestWins) {
  Shelf shelf(1);
  bed_.run_of({{{0, 250000}, 1}});
  bed_.work(shelf);
  bed_.db->query("UPDATE feed.raw_diamonds_nivoda SET fetched_at = clock_timestamp() + interval '1 hour'");
  bed_.db->query("UPDATE feed.run_metadata SET status = 'done'");
  shelf.stones[0].version = 1;
  bed_.run_of({{{0, 250000}, 1}});
  EXPECT_EQ(bed_.work(shelf).done, 1U) << bed_.lines.str();
  EXPECT_EQ(bed_.value("SELECT payload ->> 'version' FROM feed.raw_diamonds_nivoda"), "0");
  EXPECT_EQ(bed_.value("SELECT sum(changed) FROM feed.pages"), "0");
}

TEST_F(Crawling, GoesOnAtThePageWhereAnotherWorkerWas) {
  Shelf shelf(45);
  bed_.run_of({{{0, 250000}, 45}});
  shelf.before_page = [&] {
    if (shelf.asked.size() == 3) throw Error(ErrorKind::terminated, "asked to end");
  };
  EXPECT_EQ(bed_.work(shelf).released, 1U);
  EXPECT_EQ(bed_.partition(), "queued at 19 records 19 worker running 19");
  EXPECT_EQ(bed_.value("SELECT attempts FROM feed.partition_progress"), "0");
  shelf.before_page = [] {};
  CrawlBed other(home_);
  EXPECT_EQ(other.work(shelf).done, 1U);
  EXPECT_EQ(bed_.pages(), "0+10 9+10 18+10 27+10 36+9 44+1 45+0");
  EXPECT_EQ(bed_.partition(), "done at 45 records 45 worker completed 45");
}

TEST_F(Crawling, WhatIsSoldMeanwhileHidesNothing) {
  Shelf shelf(100);
  bed_.run_of({{{0, 250000}, 100}});
  int sold = 0;
  shelf.before_page = [&] {
    if (shelf.asked.size() % 3 == 0) shelf.stones.erase(shelf.stones.begin() + (++sold % 2 == 0 ? 0 : 5));
  };
  EXPECT_EQ(bed_.work(shelf).done, 1U);
  const std::vector<std::string> stored = bed_.stones();
  for (const ShelfStone& stone : shelf.stones)
    EXPECT_TRUE(std::ranges::binary_search(stored, stone.id)) << stone.id;
  EXPECT_GT(sold, 3);
  EXPECT_EQ(bed_.value("SELECT count(*) FROM ops.events WHERE kind = 'feed_gap'"), "0");
}

TEST_F(Crawling, AGapThatCannotBeFollowedIsSaid) {
  Shelf shelf(400);
  bed_.run_of({{{0, 250000}, 400}});
  shelf.before_page = [&] {
    if (shelf.asked.size() == 20) shelf.stones.erase(shelf.stones.begin(), shelf.stones.begin() + 100);
  };
  EXPECT_EQ(bed_.work(shelf).done, 1U);
  EXPECT_EQ(
      bed_.value(
          "SELECT count(*) FROM ops.events WHERE kind = 'feed_gap' AND subject LIKE 'partition %/p-001'"),
      "1");
}

TEST_F(Crawling, AStoneInTwoPartitionsIsStoredOnceAndCountedInBoth) {
  Shelf shelf(5, 500);
  bed_.run_of({{{0, 500}, 5}, {{500, 1000}, 5}});
  EXPECT_EQ(bed_.work(shelf).done, 2U);
  EXPECT_EQ(bed_.stones().size(), 5U);
  EXPECT_EQ(bed_.value("SELECT string_agg(records_processed::text, ' ') FROM feed.worker_runs"), "5 5");
}

TEST_F(Crawling, ASearchWithoutAnEndEnds) {
  class Endless final : public Supplier {
   public:
    explicit Endless(Shelf& shelf) : shelf_(shelf) {}
    long long count(const Filter& filter) override { return shelf_.count(filter); }
    Page page(const Filter& filter, long long offset, int limit) override {
      const auto all = static_cast<long long>(shelf_.stones.size());
      return shelf_.page(filter, offset >= all ? offset % all : offset, limit);
    }

   private:
    Shelf& shelf_;
  };
  Shelf shelf(25);
  Endless endless(shelf);
  bed_.run_of({{{0, 250000}, 25}});
  EXPECT_EQ(bed_.work(endless).done, 1U);
  EXPECT_EQ(bed_.value("SELECT records_processed FROM feed.worker_runs"), "25");
  EXPECT_EQ(
      bed_.value(
          "SELECT concat(count(*), ' ', min(data ->> 'stones')) FROM ops.events WHERE kind = 'feed_tail'"),
      "1 25");
  EXPECT_LT(shelf.asked.size(), 10U);
}

TEST_F(Crawling, FarMoreThanWasCountedIsDead) {
  Shelf shelf(1300);
  bed_.options.page_size = 50;
  bed_.run_of({{{0, 250000}, 20}});
  EXPECT_EQ(bed_.work(shelf).dead, 1U);
  EXPECT_THAT(bed_.partition(), HasSubstr("dead at 10"));
  EXPECT_THAT(bed_.partition(), HasSubstr("worker failed"));
  EXPECT_THAT(bed_.value("SELECT error_message FROM feed.worker_runs"), HasSubstr("overrun: 1"));
  EXPECT_EQ(bed_.value("SELECT count(*) FROM ops.events WHERE kind = 'item_dead'"), "1");
  EXPECT_EQ(bed_.value("SELECT status FROM feed.run_metadata"), "failed");
}

TEST_F(Crawling, WhatWasQueuedADayAgoIsDeadUnlessAPersonQueuedItAgain) {
  Shelf shelf(5);
  bed_.run_of({{{0, 250000}, 5}});
  bed_.db->query("UPDATE feed.partition_progress SET created_at = created_at - interval '25 hours'");
  EXPECT_EQ(bed_.work(shelf).dead, 1U);
  EXPECT_TRUE(shelf.asked.empty());
  EXPECT_THAT(bed_.value("SELECT error_message FROM feed.worker_runs WHERE status = 'failed'"),
              HasSubstr("expired"));
  kernel::retry_items(*bed_.db, partitions_queue(),
                      {.keys = {bed_.value("SELECT key FROM feed.partition_progress")}});
  EXPECT_EQ(bed_.work(shelf).done, 1U);
}

TEST_F(Crawling, APageThatFailsFailsTheAttemptWhichGoesOnLater) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  shelf.before_page = [&] {
    if (shelf.asked.size() == 2) throw Error(ErrorKind::unavailable, "nivoda: no answer");
  };
  EXPECT_EQ(bed_.work(shelf).again, 1U);
  EXPECT_EQ(bed_.partition(), "queued at 10 records 10 worker running 10");
  EXPECT_EQ(
      bed_.value(
          "SELECT concat(attempts, ' ', failed_pages, ' ', error_message, ' ', ready_at > clock_timestamp()) FROM "
          "feed.partition_progress"),
      "1 1 nivoda: no answer t");
  bed_.make_ready();
  EXPECT_EQ(bed_.work(shelf).done, 1U);
  EXPECT_EQ(bed_.value("SELECT concat(status, ' ', records_processed) FROM feed.worker_runs"),
            "completed 25");
}

TEST_F(Crawling, AfterFiveAttemptsItIsDeadAndItsWorkerFailed) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  shelf.before_page = [] { throw Error(ErrorKind::unavailable, "nivoda: no answer"); };
  for (int attempt = 1; attempt <= 5; ++attempt) {
    const Drained drained = bed_.work(shelf);
    EXPECT_EQ(drained.dead, attempt == 5 ? 1U : 0U);
    bed_.make_ready();
  }
  EXPECT_EQ(bed_.value("SELECT concat(status, ' ', error_message) FROM feed.worker_runs"),
            "failed nivoda: no answer");
  EXPECT_EQ(bed_.value("SELECT concat(status, ' ', failed_workers) FROM feed.run_metadata"), "failed 1");
}

TEST_F(Crawling, APausedLimiterAndARefusedLoginAreNoAttempt) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  shelf.before_page = [] {
    throw Error(ErrorKind::deferred, "nivoda: paused").retry_after(*parse_rfc3339("2100-01-01T00:00:00Z"));
  };
  EXPECT_EQ(bed_.work(shelf).released, 1U);
  bed_.make_ready();
  shelf.before_page = [] { throw Error(ErrorKind::denied, "nivoda: no"); };
  EXPECT_EQ(error_of([&] { bed_.work(shelf); }).exit_code(), ExitCode::denied);
  EXPECT_EQ(
      bed_.value("SELECT concat(status, ' ', attempts, ' ', failed_pages) FROM feed.partition_progress"),
      "queued 0 0");
}

TEST_F(Crawling, AMessageThatIsNoneIsBuried) {
  Shelf shelf;
  bed_.run_of({{{0, 250000}, 25}});
  bed_.db->query("UPDATE feed.partition_progress SET payload = payload || '{\"priceMin\": \"cheap\"}'");
  EXPECT_EQ(bed_.work(shelf).buried, 1U);
  EXPECT_EQ(bed_.value("SELECT status FROM feed.partition_progress"), "failed");
  EXPECT_EQ(bed_.value("SELECT status FROM feed.run_metadata"), "failed");
}

TEST_F(Crawling, ATransactionWhoseEndNobodyKnowsIsLookedUp) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  test::break_once(*bed_.db, "INSERT", "feed.pages", test::Break::at_commit);
  EXPECT_EQ(bed_.work(shelf).done, 1U);
  EXPECT_EQ(bed_.pages(), "0+10 9+10 18+7 24+1 25+0");
  EXPECT_EQ(shelf.asked.size(), 5U);
}

TEST_F(Crawling, WhoLostItsPartitionWritesNothing) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  const auto other = home_.open();
  shelf.before_page = [&] {
    if (shelf.asked.size() == 2) other->query("UPDATE feed.partition_progress SET epoch = epoch + 1");
  };
  EXPECT_EQ(bed_.work(shelf).lost, 1U);
  EXPECT_EQ(bed_.pages(), "0+10");
  EXPECT_EQ(bed_.partition(), "running at 10 records 10 worker running 10");
}

TEST_F(Crawling, WhoseLeaseRanOutWritesNothing) {
  Shelf shelf(25);
  bed_.run_of({{{0, 250000}, 25}});
  const auto other = home_.open();
  shelf.before_page = [&] {
    if (shelf.asked.size() == 2)
      other->query("UPDATE feed.partition_progress SET ready_at = now() - interval '1 second'");
  };
  const auto worked = bed_.work(shelf);
  EXPECT_EQ(worked.lost, 1U);
  EXPECT_EQ(worked.done, 1U);  // claimed again
  EXPECT_EQ(shelf.asked.size(), 6U);
  EXPECT_EQ(bed_.pages(), "0+10 9+10 18+7 24+1 25+0");
  EXPECT_EQ(bed_.value("SELECT string_agg(new::text, ' ' ORDER BY page) FROM feed.pages"), "10 9 6 0 0");
}

TEST_F(Crawling, AStoneThatAnotherBringsMeanwhileIsOfBoth) {
  Shelf shelf(3, 500);
  bed_.run_of({{{0, 500}, 3}, {{500, 1000}, 3}});
  // Another transaction has inserted the stone and commits once the upsert waits for it.
  const auto other = home_.open();
  const auto cluster = home_.open();
  auto tx = other->begin();
  const Offer offer = offer_of(shelf.stones[1]);
  tx->query(
      "INSERT INTO feed.raw_diamonds_nivoda (feed, run_id, supplier_stone_id, offer_id, payload, payload_hash, fetched_at, "
      "created_at, updated_at) VALUES ('nivoda', gen_random_uuid(), $1, $2, $3::json, $4, clock_timestamp(), "
      "clock_timestamp(), clock_timestamp())",
      kernel::sql_values(offer.supplier_stone_id, offer.offer_id, offer.payload_json, offer.payload_hash));
  std::thread committer([&] {
    while (test::value_of(*cluster, "SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    tx->commit();
  });
  EXPECT_EQ(bed_.work(shelf).done, 2U);
  committer.join();
  EXPECT_EQ(bed_.stones().size(), 3U);
  EXPECT_EQ(bed_.value("SELECT string_agg(records_processed::text, ' ') FROM feed.worker_runs"), "3 3");
}

}  // namespace
}  // namespace am::feed
