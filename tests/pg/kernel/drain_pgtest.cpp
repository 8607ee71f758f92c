// The worker loop: what becomes of each item, by what its work said or threw.

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "am/kernel/drain.hpp"
#include "queue_bed.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

class DrainTest : public QueueTest {
 protected:
  DbOptions heartbeat_options() const {
    DbOptions options;
    options.url = home_.url();
    return options;
  }
  Drained drain_all(const Work& work, const DrainOptions& options = {}) {
    return drain(*queue_, *db_, heartbeat_, log_, stop_, options, work);
  }
  Fate do_it(const Item& item) {
    db_->transact([&](Transaction& tx) { write_and_finish(*queue_, tx, item); });
    return Fate::done;
  }
  std::string statuses() {
    return test::value_of(*db_,
                          "SELECT string_agg(key || ':' || status || ':' || attempts, ' ' ORDER BY id) FROM "
                          "work.items");
  }
  static std::string text_of(const Drained& d) {
    const std::vector<std::pair<std::string, std::size_t>> counts{
        {"done", d.done},     {"again", d.again},       {"dead", d.dead},
        {"buried", d.buried}, {"released", d.released}, {"lost", d.lost}};
    std::string text;
    for (const auto& [name, count] : counts)
      if (count > 0) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
    return text;
  }

  Heartbeat heartbeat_{heartbeat_options(), log_};
};

const Instant kFar = *parse_rfc3339("2100-01-01T00:00:00Z");

TEST_P(DrainTest, DoesAllThatIsReady) {
  put({{"a", "{}"}, {"b", "{}"}, {"c", "{}", 0}, {"later", "{}", 0, kFar}});
  std::string order;
  const Drained drained = drain_all(
      [&](const Item& item, const Lease& lease) {
        EXPECT_TRUE(lease.held());
        order += item.key;
        return do_it(item);
      },
      {.claimed_at_once = 2});
  EXPECT_EQ(text_of(drained), "done 3");
  EXPECT_EQ(order, "cab");
  EXPECT_EQ(drained.exit_code(), ExitCode::ok);
  EXPECT_EQ(statuses(), "a:done:1 b:done:1 c:done:1 later:queued:0");
}

TEST_P(DrainTest, DoesNoMoreThanItMay) {
  put({{"a", "{}"}, {"b", "{}"}, {"c", "{}"}, {"d", "{}"}});
  EXPECT_EQ(text_of(drain_all([&](const Item& item, const Lease&) { return do_it(item); },
                              {.claimed_at_once = 2, .most = 3})),
            "done 3");
  EXPECT_EQ(text_of(drain_all([&](const Item& item, const Lease&) { return do_it(item); },
                              {.time_limit = std::chrono::milliseconds(0)})),
            "");
  EXPECT_EQ(statuses(), "a:done:1 b:done:1 c:done:1 d:queued:0");
}

TEST_P(DrainTest, WhatFailsDoesNotStopTheOthers) {
  QueueSpec spec = queue_spec();
  spec.max_attempts = 2;
  spec.backoff = {.base = std::chrono::milliseconds(0), .cap = std::chrono::milliseconds(0)};
  queue_ = over(*db_, spec);
  put({{"away", "{}"}, {"crash", "{}"}, {"wrong", "{}"}, {"good", "{}"}});
  const Drained drained = drain_all([&](const Item& item, const Lease&) {
    if (item.key == "away" && item.attempt == 1) throw Error(ErrorKind::unavailable, "vendor: away");
    if (item.key == "crash") throw std::out_of_range("index");
    if (item.key == "wrong") {
      db_->transact([&](Transaction& tx) { queue_->bury(tx, item, "no such symbol"); });
      return Fate::buried;
    }
    return do_it(item);
  });
  EXPECT_EQ(text_of(drained), "done 2, again 2, dead 1, buried 1");
  EXPECT_EQ(drained.exit_code(), ExitCode::needs_human);
  EXPECT_EQ(statuses(), "away:done:2 crash:dead:2 wrong:failed:1 good:done:1");
  EXPECT_EQ(events(), "item_failed items wrong no such symbol\nitem_dead items crash internal error: index");
  EXPECT_NE(lines_.str().find(R"("item":"away")"), std::string::npos) << lines_.str();
}

TEST_P(DrainTest, TheWorstIsTold) {
  put({{"a", "{}"}, {"b", "{}"}});
  const Drained drained = drain_all([&](const Item& item, const Lease&) -> Fate {
    throw Error(item.key == "a" ? ErrorKind::data : ErrorKind::unavailable, "no").retry_after(kFar);
  });
  EXPECT_EQ(text_of(drained), "again 2");
  EXPECT_EQ(drained.exit_code(), ExitCode::data);
  EXPECT_EQ(Drained{.buried = 1}.exit_code(), ExitCode::partial);
}

TEST_P(DrainTest, ASpentBudgetIsNoFailedAttempt) {
  put({{"a", "{}"}, {"b", "{}"}});
  Drained drained = drain_all([&](const Item&, const Lease&) -> Fate {
    throw Error(ErrorKind::deferred, "budget spent").retry_after(kFar);
  });
  EXPECT_EQ(text_of(drained), "released 2");
  EXPECT_EQ(drained.exit_code(), ExitCode::deferred);
  EXPECT_EQ(statuses(), "a:queued:0 b:queued:0");
  make_due();
  const Instant over = *parse_rfc3339("2000-01-01T00:00:00Z");
  drained = drain_all([&](const Item&, const Lease&) -> Fate {
    throw Error(ErrorKind::deferred, "budget spent").retry_after(over);
  });
  EXPECT_GE(drained.released, 2U);
  EXPECT_LE(drained.released, 3U) << "and not again and again, though its time is over";
}

TEST_P(DrainTest, AskedToEndItGivesBackWhatItHasNotDone) {
  put({{"a", "{}"}, {"b", "{}"}, {"c", "{}"}, {"d", "{}"}});
  const Drained drained = drain_all(
      [&](const Item& item, const Lease&) {
        if (item.key == "a") return do_it(item);
        stop_.request(SIGTERM);
        stop_.check();
        return Fate::done;
      },
      {.claimed_at_once = 3});
  EXPECT_EQ(text_of(drained), "done 1, released 2");
  EXPECT_EQ(statuses(), "a:done:1 b:queued:0 c:queued:0 d:queued:0");
}

TEST_P(DrainTest, WhatWouldStopEveryItemEndsIt) {
  put({{"a", "{}"}, {"b", "{}"}, {"c", "{}"}});
  const Error error = test::error_of([&] {
    drain_all(
        [&](const Item&, const Lease&) -> Fate { throw Error(ErrorKind::denied, "vendor: key refused"); },
        {.claimed_at_once = 2});
  });
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_EQ(statuses(), "a:queued:0 b:queued:0 c:queued:0");
}

TEST_P(DrainTest, WhatIsLostMeanwhileIsNotWritten) {
  put({{"a", "{}"}, {"b", "{}"}});
  const Drained drained = drain_all([&](const Item& item, const Lease&) {
    if (item.key == "a") cancel_items(*db_, queue_->spec(), {.keys = {"a"}}, "");
    return do_it(item);
  });
  EXPECT_EQ(text_of(drained), "done 1, lost 1");
  EXPECT_EQ(drained.exit_code(), ExitCode::ok);
  EXPECT_EQ(statuses(), "a:cancelled:1 b:done:1");
}

TEST_P(DrainTest, WhatWasClaimedWithALongItemKeepsItsLease) {
  QueueSpec spec = queue_spec();
  spec.lease = std::chrono::milliseconds(600);
  queue_ = over(*db_, spec);
  put({{"a", "{}"}, {"b", "{}"}});
  const Drained drained = drain_all(
      [&](const Item& item, const Lease& lease) {
        const auto end = std::chrono::steady_clock::now() + 2 * spec.lease;
        while (item.key == "a" && lease.held() && std::chrono::steady_clock::now() < end)
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return do_it(item);
      },
      {.claimed_at_once = 2});
  EXPECT_EQ(text_of(drained), "done 2");
}

INSTANTIATE_TEST_SUITE_P(Kinds, DrainTest, testing::ValuesIn(queue_kinds()), kind_name);

}  // namespace
}  // namespace am::kernel
