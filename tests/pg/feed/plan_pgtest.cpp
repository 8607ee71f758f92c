#include <atomic>
#include <chrono>

#include <gmock/gmock.h>

#include "am/feed/plan.hpp"
#include "run_bed.hpp"
#include "support/error_of.hpp"
#include "support/picks_desk.hpp"

namespace am::feed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// One stone a dollar from 326 on, so many; what has no price is counted at any price alone.
long long stones_of(const Filter& filter, long long stones, long long unpriced = 0) {
  const long long from = std::max(filter.price.from, 326LL);
  const long long to = std::min(filter.price.to, 325 + stones);
  return std::max(0LL, to - from + 1) + (filter.price.to > kMostDollars ? unpriced : 0);
}

class FeedPlan : public FeedRunTest {
 protected:
  PlanResult plan(RunType type, long long stones, std::optional<int> partitions = {},
                  const std::string& query = "{}", long long unpriced = 0) {
    test::TestDesk desk(home_, "2026-11-27T04:20:00Z");
    const CountFilter counter = [&](const Filter& filter) {
      ++calls_;
      const std::scoped_lock lock(mutex_);
      filters_.push_back(filter);
      return stones_of(filter, stones, unpriced);
    };
    const std::array counters = {counter, counter, counter};
    return plan_run({*desk.db, desk.ledger, desk.log, desk.stop, counters},
                    {.slot = {"nivoda", type}, .query = feed_query(query), .partitions = partitions});
  }
  /// The newest run ends, as consolidation ends it.
  void close() {
    db_->query(
        "WITH r AS (UPDATE feed.run_metadata SET status = 'done' WHERE status IN ('running', 'settled') RETURNING *) INSERT INTO "
        "feed.watermarks SELECT feed, query_hash, watermark_after, run_id, clock_timestamp() FROM r ON CONFLICT (feed, query_hash) "
        "DO UPDATE SET watermark = excluded.watermark, run_id = excluded.run_id");
  }
  std::vector<std::string> owed(Instant now) {
    std::vector<std::string> all;
    for (const kernel::Duty& duty : kernel::read_duties(*db_, {&desk()}, now)) {
      const std::string subject = duty.job == kPlanJob ? duty.slot : "consolidation";
      all.push_back(subject + (duty.is_due(now) ? " due" : " to come"));
    }
    return all;
  }

  std::atomic<int> calls_ = 0;
  std::mutex mutex_;
  std::vector<Filter> filters_;
};

TEST_F(FeedPlan, WritesRunAndPartitionsAtOnce) {
  const PlanResult result = plan(RunType::full, 4600);
  EXPECT_TRUE(result.is_planned);
  EXPECT_EQ(result.counted, 4600);
  EXPECT_EQ(result.gap(), 0);
  EXPECT_EQ(result.plan.calls, calls_);
  EXPECT_EQ(
      value(
          "SELECT concat_ws(' ', feed, run_type, status, expected_workers, counted_records, expected_records = " +
          std::to_string(result.plan.sum) + ", query, watermark_before) FROM feed.run_metadata"),
      "nivoda full running 5 4600 t {}");
  EXPECT_EQ(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'queued' AND run_id = '" +
                  result.run_id + "'"),
            "5");
  EXPECT_EQ(
      value(
          "SELECT concat_ws(' ', partition_id, payload ->> 'priceMin', payload ->> 'isIncremental', payload ? "
          "'watermarkBefore') FROM feed.partition_progress ORDER BY id LIMIT 1"),
      "p-001 0 false f");
  // A partition's end is the next one's start.
  EXPECT_EQ(
      value(
          "SELECT count(*) FROM feed.partition_progress a JOIN feed.partition_progress b ON b.id = a.id + 1 WHERE a.payload "
          "-> 'priceMax' = b.payload -> 'priceMin'"),
      "4");
  EXPECT_EQ(value("SELECT job || ' ' || slot || ' ' || status FROM ops.runs"),
            "feed_plan_v1 nivoda/full done");
  EXPECT_EQ(value("SELECT string_agg(kind, ',') FROM ops.events"), "feed_run_planned");
  EXPECT_EQ(filters_.front().updated_from, parse_rfc3339("2000-01-01T00:00:00Z"));
}

TEST_F(FeedPlan, OneRunOfEachKindIsOpen) {
  const PlanResult first = plan(RunType::full, 4600);
  const int calls = calls_;
  const PlanResult second = plan(RunType::full, 4600);
  EXPECT_FALSE(second.is_planned);
  EXPECT_EQ(second.run_id, first.run_id);
  EXPECT_EQ(calls_, calls);  // nothing was counted
  close();
  EXPECT_TRUE(plan(RunType::full, 4600).is_planned);
  EXPECT_TRUE(plan(RunType::incremental, 10).is_planned);  // beside it
  EXPECT_EQ(value("SELECT count(*) FROM feed.run_metadata WHERE status = 'running'"), "2");
}

// Of two that count at once under different slots (two machines' clocks are enough) one is stored.
TEST_F(FeedPlan, ARunThatWasPlannedMeanwhileStays) {
  test::TestDesk desk(home_, "2026-11-27T04:20:00Z");
  const CountFilter counter = [&](const Filter& filter) {
    if (calls_++ == 0) add_run(2);
    return stones_of(filter, 4600);
  };
  const std::array counters = {counter};
  const PlanResult result = plan_run({*desk.db, desk.ledger, desk.log, desk.stop, counters},
                                     {.slot = {"nivoda", RunType::full}, .query = feed_query("{}")});
  EXPECT_FALSE(result.is_planned);
  EXPECT_EQ(result.run_id, run_number(1));
  EXPECT_EQ(value("SELECT count(*) || ' ' || (SELECT status FROM ops.runs) FROM feed.run_metadata"),
            "1 done");
}

TEST_F(FeedPlan, AnIncrementalOneBeginsAtTheWatermarkOfItsFilter) {
  EXPECT_EQ(test::error_of([&] { plan(RunType::incremental, 10); }).exit_code(), ExitCode::no_input);
  plan(RunType::full, 4600, {}, R"({"labgrown": false, "shapes": ["ROUND"]})");
  close();
  filters_.clear();
  const PlanResult same = plan(RunType::incremental, 25000, {}, R"({"shapes":["ROUND"],"labgrown":false})");
  ASSERT_TRUE(same.watermark_before);
  EXPECT_EQ(filters_.front().updated_from, *same.watermark_before - std::chrono::minutes(15));
  EXPECT_EQ(filters_.front().query_json, R"({"labgrown":false,"shapes":["ROUND"]})");
  EXPECT_EQ(same.plan.partitions.size(), 10U);
  EXPECT_EQ(
      value("SELECT payload ->> 'watermarkBefore' FROM feed.partition_progress ORDER BY id DESC LIMIT 1"),
      format_rfc3339(*same.watermark_before));
  close();
  EXPECT_THAT(test::error_of([&] { plan(RunType::incremental, 10, {}, R"({"labgrown": true})"); }).message(),
              HasSubstr("no complete run with this nivoda.query"));
}

TEST_F(FeedPlan, AGapIsReported) {
  const PlanResult result = plan(RunType::full, 300, {}, "{}", 7);
  EXPECT_EQ(result.gap(), 7);
  EXPECT_EQ(value("SELECT data ->> 'gap' FROM ops.events"), "7");
  EXPECT_EQ(value("SELECT counted_records || ' ' || expected_records FROM feed.run_metadata"), "307 300");
}

TEST_F(FeedPlan, SmallOnes) {
  EXPECT_EQ(plan(RunType::full, 0).plan.partitions.size(), 1U);  // the search may know better than the count
  close();
  EXPECT_EQ(plan(RunType::full, 1).plan.partitions.size(), 1U);
  close();
  EXPECT_EQ(plan(RunType::full, 4600, 40).plan.partitions.size(), 40U);
}

TEST_F(FeedPlan, WhatTheSupplierRefusesIsTheRunsEnd) {
  test::TestDesk desk(home_, "2026-11-27T04:20:00Z");
  const CountFilter counter = [](const Filter&) -> long long {
    throw Error(ErrorKind::denied, "it refuses the login");
  };
  const std::array counters = {counter};
  EXPECT_EQ(test::error_of([&] {
              plan_run({*desk.db, desk.ledger, desk.log, desk.stop, counters},
                       {.slot = {"nivoda", RunType::full}, .query = feed_query("{}")});
            }).exit_code(),
            ExitCode::denied);
  EXPECT_EQ(value("SELECT status FROM ops.runs"), "failed");
  EXPECT_EQ(value("SELECT count(*) FROM feed.run_metadata"), "0");
  EXPECT_TRUE(plan(RunType::full, 1).is_planned);  // and the next one makes it good
}

TEST_F(FeedPlan, AFilterIsAnObjectWithoutWhatARunSets) {
  for (const char* query :
       {"", "[]", "nonsense", R"({"updated":{}})", R"({"dollar_value":{"from":1,"to":2}})"})
    EXPECT_EQ(test::error_of([&] { feed_query(query); }).exit_code(), ExitCode::config) << query;
  EXPECT_EQ(feed_query(R"({"b":1, "a":2})").hash, feed_query(R"({"a":2,"b":1})").hash);
}

TEST_F(FeedPlan, IsOwedWeeklyAndHourlyWhereItWasPlannedBefore) {
  using namespace std::chrono_literals;
  const Instant now = std::chrono::floor<std::chrono::seconds>(
      std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now()));
  EXPECT_THAT(owed(now), IsEmpty());
  plan(RunType::full, 300);
  EXPECT_THAT(owed(now + 10s), ElementsAre("nivoda/full to come"));
  EXPECT_THAT(owed(now + 24h * 8), ElementsAre("nivoda/full to come"));  // one is open
  db_->query("UPDATE feed.run_metadata SET status = 'settled', consolidate_at = clock_timestamp()");
  EXPECT_THAT(owed(now + 10s), ElementsAre("consolidation due", "nivoda/full to come"));
  close();
  EXPECT_THAT(owed(now + 24h * 8), ElementsAre("nivoda/full due", "nivoda/incremental due",
                                               "nivoda/incremental to come", "nivoda/full to come"));
  EXPECT_THAT(owed(now + 24h * 40), IsEmpty());
}

TEST(FeedSchedule, FullOnSundaysIncrementalByTheHour) {
  const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
  EXPECT_EQ(plan_due_at(RunType::full, at("2026-11-27T04:20:00Z")), at("2026-11-22T03:00:00Z"));
  EXPECT_EQ(plan_due_at(RunType::full, at("2026-11-29T02:59:59Z")), at("2026-11-22T03:00:00Z"));
  EXPECT_EQ(plan_due_at(RunType::full, at("2026-11-29T03:00:00Z")), at("2026-11-29T03:00:00Z"));
  EXPECT_EQ(next_plan_at(RunType::full, at("2026-11-27T04:20:00Z")), at("2026-11-29T03:00:00Z"));
  EXPECT_EQ(plan_due_at(RunType::incremental, at("2026-11-27T04:20:00Z")), at("2026-11-27T04:00:00Z"));
  EXPECT_EQ(next_plan_at(RunType::incremental, at("2026-11-27T04:20:00Z")), at("2026-11-27T05:00:00Z"));
  EXPECT_EQ(PlanSlot::parse("nivoda/full")->to_string(), "nivoda/full");
  for (const char* text : {"", "nivoda", "nivoda/weekly", "nivoda/full/1"})
    EXPECT_FALSE(PlanSlot::parse(text)) << text;
}

}  // namespace
}  // namespace am::feed
