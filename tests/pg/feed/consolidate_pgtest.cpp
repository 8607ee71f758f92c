#include <gtest/gtest.h>

#include "feed_bed.hpp"

using namespace am;        // NOLINT(google-build-using-namespace)
using namespace am::feed;  // NOLINT(google-build-using-namespace)
using kernel::sql_values;

namespace {

struct Consolidation : ::testing::Test {
  test::TestDb home;
  FeedBed bed{home};
};

}  // namespace

TEST_F(Consolidation, TypesAndPricesWhatIsPending) {
  const std::string run = bed.settled_run("full", 3);
  bed.page(run,
           {{"a", FeedBed::payload("a", 123456)},
            {"b", FeedBed::payload("b", 100000, R"({"labgrown":true,"carats":"1.5","certNumber":"LG1"})")},
            {"c", FeedBed::payload("c", 0)}});
  const ConsolidationCounts counts = bed.consolidate();
  EXPECT_EQ(counts.written, 2);
  EXPECT_EQ(counts.refused, 1);
  EXPECT_EQ(bed.stones("price"), "a=1728.38 b=1790.00");
  EXPECT_EQ(bed.stones("stone_type"), "a=natural b=lab");
  EXPECT_EQ(bed.stones("carats"), "a=- b=1.5000");
  EXPECT_EQ(
      bed.db
          ->query(
              "SELECT consolidation_error AS e FROM feed.raw_diamonds_nivoda WHERE supplier_stone_id = 'c'")
          .only()
          .text("e"),
      "price: expected whole cents above 0, got '0'");
  EXPECT_EQ(bed.consolidate().written, 0);
}

TEST_F(Consolidation, AChangedStoneIsWrittenAgainAndAnOlderTellingIsNot) {
  const std::string run = bed.settled_run("full", 1);
  bed.page(run, {{"a", FeedBed::payload("a", 10000)}});
  bed.consolidate();
  bed.page(run, {{"a", FeedBed::payload("a", 20000)}});
  EXPECT_EQ(bed.consolidate().written, 1);
  EXPECT_EQ(bed.stones("feed_price"), "a=200.00");
  bed.db->query("UPDATE feed.diamonds SET fetched_at = fetched_at + interval '1 hour'");
  bed.page(run, {{"a", FeedBed::payload("a", 30000)}});
  bed.consolidate();
  EXPECT_EQ(bed.stones("feed_price"), "a=200.00");
}

// Whoever holds a stone's row has it; the other takes the rest and waits for nobody.
TEST_F(Consolidation, TwoAtOnceShareTheStones) {
  const std::string run = bed.settled_run("full", 10);
  bed.page_of(run, letters(10));
  const auto other = bed.home.open();
  const auto held = other->begin();
  held->query("SELECT FROM feed.raw_diamonds_nivoda WHERE supplier_stone_id IN ('a', 'f') FOR NO KEY UPDATE");
  EXPECT_EQ(bed.consolidate().written, 8);
  const Closing closing = bed.close(run);
  EXPECT_TRUE(closing.is_pending);
  EXPECT_FALSE(closing.is_new);
  held->commit();
  EXPECT_EQ(bed.consolidate().written, 2);
  EXPECT_TRUE(bed.close(run).is_new);
}

// The crawl's write waits for the consolidation's lock, and what it writes is pending again.
TEST_F(Consolidation, AStoneThatChangesMeanwhileIsNotLost) {
  const std::string run = bed.settled_run("full", 1);
  bed.page_of(run, letters(1));
  bool changed = false;
  const auto db = bed.home.open([&](std::string_view what) {
    if (changed || what.find("UPDATE feed.raw_diamonds_nivoda SET consolidated") == what.npos) return;
    changed = true;
    const auto crawl = bed.home.open();
    EXPECT_THROW(
        crawl->query("SELECT FROM feed.raw_diamonds_nivoda WHERE supplier_stone_id = 'a' FOR UPDATE NOWAIT"),
        Error);
  });
  consolidate_pending(*db, bed.options, [] {});
  EXPECT_TRUE(changed);
  bed.page(run, {{"a", FeedBed::payload("a", 99900)}});
  EXPECT_EQ(bed.consolidate().written, 1);
  EXPECT_EQ(bed.stones("feed_price"), "a=999.00");
}

TEST_F(Consolidation, RulesChangePricesThatAreThereOnlyWhenAsked) {
  const std::string run = bed.settled_run("full", 3);
  bed.page_of(run, letters(9));
  bed.consolidate();
  const auto rules = parse_rules("priority,margin_modifier,rating\n1,10,A\n", "r.csv");
  RuleCounts counts;
  bed.db->transact([&](kernel::Transaction& tx) { counts = store_rules(tx, "nivoda", *rules); });
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(bed.stones("price").substr(0, 8), "a=140.00");
  EXPECT_EQ(reprice(*bed.db, bed.options, [] {}), 9);
  EXPECT_EQ(reprice(*bed.db, bed.options, [] {}), 0);
  EXPECT_EQ(bed.stones("rating || ' ' || price").substr(0, 10), "a=A 150.00");
  bed.db->transact([&](kernel::Transaction& tx) { counts = store_rules(tx, "nivoda", *rules); });
  EXPECT_EQ(counts.same, 1);
  bed.db->transact([&](kernel::Transaction& tx) { counts = store_rules(tx, "nivoda", {}); });
  EXPECT_EQ(counts.retired, 1);
  EXPECT_EQ(reprice(*bed.db, bed.options, [] {}), 9);
  EXPECT_EQ(bed.stones("coalesce(rule_id, 0)").substr(0, 3), "a=0");
}

namespace {

struct RunClosing : ::testing::Test {
  test::TestDb home;
  FeedBed bed{home};
  /// A complete full run that sees these.
  Closing full(const std::vector<std::string>& stones) {
    const std::string run = bed.settled_run("full", static_cast<long long>(stones.size()));
    bed.page_of(run, stones);
    return bed.finish(run);
  }
  std::vector<std::string> all = letters(20);
  std::vector<std::string> without_a = {all.begin() + 1, all.end()};
};

}  // namespace

TEST_F(RunClosing, AStoneGoesWhenTwoCompleteFullRunsMissedItAndComesBack) {
  Closing closing = full(all);
  EXPECT_TRUE(closing.is_new);
  EXPECT_EQ(closing.seen, 20);
  EXPECT_EQ(closing.missed, 0);
  EXPECT_EQ(full(without_a).missed, 1);
  EXPECT_EQ(bed.stones("deleted_at IS NOT NULL").substr(0, 7), "a=false");
  closing = full(without_a);
  EXPECT_EQ(closing.deleted, 1);
  EXPECT_EQ(bed.stones("deleted_at IS NOT NULL").substr(0, 6), "a=true");
  closing = full(all);  // with an unchanged payload
  EXPECT_EQ(closing.undeleted, 1);
  EXPECT_EQ(bed.stones("deleted_at IS NOT NULL").substr(0, 7), "a=false");
  EXPECT_EQ(full(without_a).deleted, 0);
}

TEST_F(RunClosing, ARunIsClosedOnce) {
  full(all);
  const std::string run = bed.settled_run("full", 19);
  bed.page_of(run, without_a);
  EXPECT_EQ(bed.finish(run).missed, 1);
  EXPECT_FALSE(bed.close(run).is_new);
  EXPECT_EQ(bed.stones("missed").substr(0, 3), "a=1");
  EXPECT_THROW(bed.close(kernel::new_id()), Error);
}

TEST_F(RunClosing, AnIncompleteRunMissesNothingAndHoldsTheWatermark) {
  full(all);
  const auto watermark = [&] {
    return bed.db->query("SELECT watermark::text AS w FROM feed.watermarks").only().text("w");
  };
  const std::string before = watermark();
  const std::string run = bed.settled_run("full", 20, 10, 8);
  bed.page_of(run, without_a);
  const Closing closing = bed.finish(run);
  EXPECT_TRUE(closing.is_new);
  EXPECT_EQ(closing.missed, 0);
  EXPECT_FALSE(closing.watermark_moved);
  EXPECT_EQ(watermark(), before);
  EXPECT_TRUE(full(all).watermark_moved);
  EXPECT_GT(watermark(), before);
}

TEST_F(RunClosing, TheWatermarkNeverGoesBack) {
  const std::string older = bed.settled_run("full", 1);
  bed.db->query(
      "UPDATE feed.run_metadata SET run_type = 'incremental', watermark_after = watermark_after - interval '1 day'");
  bed.page_of(older, letters(1));
  EXPECT_TRUE(full(all).watermark_moved);
  EXPECT_FALSE(bed.finish(older).watermark_moved);
}

TEST_F(RunClosing, TooManyGoneAtOnceDeletesNothing) {
  full(all);
  const std::vector<std::string> most(all.begin() + 3, all.end());  // 15 % vanish
  full(most);
  const Closing closing = full(most);
  EXPECT_EQ(closing.deleted, 0);
  ASSERT_TRUE(closing.doubt);
  EXPECT_EQ(*closing.doubt, "3 of 20 stones would be deleted, more than 10 %");
}

TEST_F(RunClosing, ARunThatSawTooLittleOfTheCountMissesNothing) {
  full(all);
  const std::string run = bed.settled_run("full", 20);
  bed.page_of(run, without_a);
  const Closing closing = bed.finish(run);  // 95 %
  EXPECT_EQ(closing.missed, 0);
  ASSERT_TRUE(closing.doubt);
  EXPECT_EQ(*closing.doubt, "saw 19 of the 20 stones that were counted, less than 98 %");
}

// Stones that another run brought, or saw, since this one was planned.
TEST_F(RunClosing, AFullAndAnIncrementalRunUndoNothingOfEachOther) {
  full(all);
  const std::string run = bed.settled_run("full", 19);
  const std::string incremental = bed.settled_run("incremental", 2);
  bed.page_of(incremental, {"a", "z"});
  EXPECT_EQ(bed.finish(incremental).missed, 0);
  bed.page_of(run, without_a);
  const Closing closing = bed.finish(run);
  EXPECT_EQ(closing.missed, 0);
  EXPECT_EQ(bed.stones("missed").find("=1"), std::string::npos);
}
