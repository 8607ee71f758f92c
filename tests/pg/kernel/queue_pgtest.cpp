// What a queue promises, whatever carries its messages.

#include <chrono>
#include <string>
#include <vector>

#include "queue_bed.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using test::error_of;

std::string keys_of(const std::vector<Item>& items) {
  std::string keys;
  for (const Item& item : items) keys += (keys.empty() ? "" : " ") + item.key;
  return keys;
}

Instant in(std::chrono::seconds time) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) + time;
}

TEST_P(QueueTest, TheMostUrgentComeFirst) {
  put({{"third", "{}", 3}, {"first", "{}", 0}, {"plain", "{}"}, {"second", "{}", 0}, {"plain too", "{}"}});
  db_->query("UPDATE work.items SET ready_at = ready_at - interval '1 hour' WHERE key = 'plain too'");
  EXPECT_EQ(keys_of(queue_->claim(3)), "first second plain too");
  EXPECT_EQ(keys_of(queue_->claim(3)), "plain third");
  EXPECT_EQ(keys_of(queue_->claim(3)), "");
}

TEST_P(QueueTest, AnItemBringsWhatItIsFor) {
  put({{"a \"key\" {}", R"({"text": "x\\y", "n": [1, null]})"}});
  const Item item = take();
  EXPECT_EQ(item.key, "a \"key\" {}");
  EXPECT_EQ(item.payload_json, R"({"n": [1, null], "text": "x\\y"})");
  EXPECT_EQ(item.attempt, 1);
  EXPECT_EQ(item.epoch, 1);
  EXPECT_EQ(of(item.key,
               "concat_ws(' ', status, holder->>'pid' IS NOT NULL, round(extract(epoch FROM ready_at - "
               "updated_at)))"),
            "running t 120");
}

TEST_P(QueueTest, NothingIsClaimedBeforeItsTime) {
  put({{"tomorrow", "{}", 0, in(std::chrono::hours(24))}, {"now", "{}", 3}});
  EXPECT_EQ(keys_of(queue_->claim(10)), "now");
  EXPECT_EQ(queue_state(*db_, queue_->spec()).later, 1);
  make_due();
  EXPECT_EQ(keys_of(queue_->claim(10)), "tomorrow");
}

TEST_P(QueueTest, AKeyIsEnqueuedOnce) {
  const std::vector<NewItem> items{{"a", R"({"n": 1})"}, {"b", "{}"}, {"a", R"({"n": 2})"}};
  db_->transact([&](Transaction& tx) { EXPECT_EQ(queue_->enqueue(tx, items), 2U); });
  const std::vector<Item> claimed = queue_->claim(1);
  db_->transact([&](Transaction& tx) { queue_->finish(tx, claimed); });
  db_->transact([&](Transaction& tx) { EXPECT_EQ(queue_->enqueue(tx, items), 0U); });
  EXPECT_EQ(of("a", "status"), "done");
  EXPECT_EQ(of("a", "payload->>'n'"), "1");
}

TEST_P(QueueTest, ManyAreEnqueuedInTheirOrder) {
  std::vector<NewItem> items;
  for (int i = 0; i < 2500; ++i) items.push_back({std::to_string(i), "{}"});
  db_->transact([&](Transaction& tx) { EXPECT_EQ(queue_->enqueue(tx, items), 2500U); });
  EXPECT_EQ(keys_of(queue_->claim(5)), "0 1 2 3 4");
  EXPECT_EQ(queue_state(*db_, queue_->spec()).ready, 2495);
}

TEST_P(QueueTest, EnqueuingIsPartOfTheTransaction) {
  {
    const auto tx = db_->begin();
    const NewItem item{"a", "{}"};
    queue_->enqueue(*tx, std::span(&item, 1));
  }
  EXPECT_TRUE(queue_->claim(1).empty());
}

TEST_P(QueueTest, FinishingRollsBackWithTheWork) {
  put({{"a", "{}"}});
  const Item item = take();
  {
    const auto tx = db_->begin();
    write_and_finish(*queue_, *tx, item);
  }
  EXPECT_EQ(of("a", "status"), "running");
  EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM work.results"), "0");
  db_->transact([&](Transaction& tx) { write_and_finish(*queue_, tx, item); });
  EXPECT_EQ(of("a", "concat_ws(' ', status, holder, error_message)"), "done");
  EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM work.results"), "1");
}

TEST_P(QueueTest, OneOfManyThatIsLostKeepsAllFromBeingFinished) {
  put({{"a", "{}"}, {"b", "{}"}});
  const std::vector<Item> items = queue_->claim(2);
  db_->query("UPDATE work.items SET epoch = 7 WHERE key = 'b'");
  const Error refused = error_of([&] { db_->transact([&](Transaction& tx) { queue_->finish(tx, items); }); });
  EXPECT_EQ(refused.kind(), ErrorKind::busy);
  EXPECT_EQ(refused.message(), "queue items, 1 of 2 items: its lease was lost");
  EXPECT_EQ(of("a", "status"), "running");
}

TEST_P(QueueTest, AFailedAttemptIsRepeatedAfterTheBackOff) {
  QueueSpec spec = queue_spec();
  spec.backoff = {.base = std::chrono::hours(1), .cap = std::chrono::hours(3)};
  const auto slow = over(*db_, spec);
  put({{"a", "{}"}});
  for (int attempt = 1; attempt <= 4; ++attempt) {
    const Item item = take();
    EXPECT_EQ(item.attempt, attempt);
    EXPECT_EQ(slow->fail(*db_, item, Error(ErrorKind::unavailable, "vendor: away")), Fate::again);
    EXPECT_EQ(of("a", "concat_ws(' ', status, attempts, error_message)"),
              "queued " + std::to_string(attempt) + " vendor: away");
    const int longest = attempt == 1 ? 1 : attempt == 2 ? 2 : 3;
    EXPECT_EQ(of("a", "ready_at - updated_at BETWEEN interval '0' AND interval '" + std::to_string(longest) +
                          " hours 1 second'"),
              "true");
    make_due();
  }
}

TEST_P(QueueTest, TheVendorsTimeIsKept) {
  put({{"a", "{}"}});
  const Error later = Error(ErrorKind::unavailable, "no").retry_after(*parse_rfc3339("2100-01-02T03:04:05Z"));
  EXPECT_EQ(queue_->fail(*db_, take(), later), Fate::again);
  EXPECT_EQ(of("a", "ready_at AT TIME ZONE 'UTC'"), "2100-01-02 03:04:05");
}

TEST_P(QueueTest, AttemptsThatAreUsedUpLeaveADeadLetterWithItsReason) {
  QueueSpec twice = queue_spec();
  twice.max_attempts = 2;
  const auto queue = over(*db_, twice);
  enqueue(*queue, *db_, {{"a", "{}"}});
  EXPECT_EQ(queue->fail(*db_, take(), Error(ErrorKind::data, "first")), Fate::again);
  make_due();
  EXPECT_EQ(queue->fail(*db_, take(), Error(ErrorKind::data, "second")), Fate::dead);
  EXPECT_TRUE(queue->claim(1).empty());
  EXPECT_EQ(of("a", "concat_ws(' ', status, attempts, error_message)"), "dead 2 second");
  EXPECT_EQ(events(), "item_dead items a second");
}

TEST_P(QueueTest, AnItemThatKillsItsWorkersDies) {
  QueueSpec twice = queue_spec();
  twice.max_attempts = 2;
  const auto queue = over(*db_, twice);
  enqueue(*queue, *db_, {{"poison", "{}", 0}, {"venom", "{}", 0}});
  EXPECT_EQ(queue->fail(*db_, take(), Error(ErrorKind::data, "strange")), Fate::again);
  make_due();
  EXPECT_EQ(queue->claim(2).size(), 2U);
  end_leases();
  const std::vector<Item> again = queue->claim(2);
  EXPECT_EQ(keys_of(again), "venom");
  end_leases();
  enqueue(*queue, *db_, {{"sound", "{}", 3}});
  EXPECT_EQ(keys_of(queue->claim(1)), "sound") << "what is ready is found behind what is dead";
  EXPECT_EQ(of("venom", "concat_ws(' ', status, attempts)"), "dead 2");
  EXPECT_EQ(
      events(),
      "item_dead items poison attempt 2 of 2 ended without a word: its worker died or was stopped; before that: "
      "strange\n"
      "item_dead items venom attempt 2 of 2 ended without a word: its worker died or was stopped");
}

TEST_P(QueueTest, WhatCanNeverSucceedIsBuried) {
  put({{"a", "{}"}});
  queue_->bury(*db_, take(), "no such symbol");
  EXPECT_TRUE(queue_->claim(1).empty());
  EXPECT_EQ(of("a", "concat_ws(' ', status, error_message)"), "failed no such symbol");
  EXPECT_EQ(events(), "item_failed items a no such symbol");
}

TEST_P(QueueTest, WhatIsGivenBackHasNotBeenTried) {
  put({{"a", "{}"}});
  for (int i = 0; i < 7; ++i) {
    const Item item = take();
    EXPECT_EQ(item.attempt, 1);
    queue_->release(*db_, std::span(&item, 1));
  }
  const Item item = take();
  queue_->release(*db_, std::span(&item, 1), *parse_rfc3339("2100-01-02T03:04:05Z"));
  EXPECT_EQ(of("a", "concat_ws(' ', status, attempts, ready_at AT TIME ZONE 'UTC')"),
            "queued 0 2100-01-02 03:04:05");
}

TEST_P(QueueTest, AWorkerThatWasStoppedPastItsLeaseWritesNothing) {
  const auto other_db = home_.open();
  const auto other = over(*other_db);
  for (const bool taken : {false, true}) {
    SCOPED_TRACE(taken ? "another has it" : "nobody has taken it yet");
    const std::string key = taken ? "b" : "a";
    put({{key, "{}"}});
    const Item item = take();
    end_leases();
    if (taken) {
      EXPECT_EQ(other->claim(2).size(), 2U);
    }
    const std::string before = of(key, "to_jsonb(items)");
    const auto refused = [&](const std::function<void(Transaction&)>& work) {
      return error_of([&] { db_->transact(work); }).kind();
    };
    EXPECT_EQ(refused([&](Transaction& tx) { queue_->fence(tx, item); }), ErrorKind::busy);
    EXPECT_EQ(refused([&](Transaction& tx) { queue_->finish(tx, std::span(&item, 1)); }), ErrorKind::busy);
    EXPECT_EQ(refused([&](Transaction& tx) { queue_->fail(tx, item, Error(ErrorKind::data, "x")); }),
              ErrorKind::busy);
    EXPECT_EQ(refused([&](Transaction& tx) { queue_->bury(tx, item, "x"); }), ErrorKind::busy);
    queue_->release(*db_, std::span(&item, 1));
    EXPECT_EQ(queue_->renew(*db_, std::span(&item, 1)), std::vector{Renewal::lost});
    EXPECT_EQ(of(key, "to_jsonb(items)"), before);
  }
  EXPECT_EQ(events(), "");
}

TEST_P(QueueTest, WhatBeganWithinTheLeaseMayEnd) {
  put({{"a", "{}"}});
  const Item item = take();
  const auto other = home_.open();
  const auto tx = db_->begin();
  other->query("UPDATE work.items SET ready_at = clock_timestamp()");
  write_and_finish(*queue_, *tx, item);
  tx->commit();
  EXPECT_EQ(test::value_of(*other, "SELECT status FROM work.items"), "done");
}

TEST_P(QueueTest, ARenewedLeaseIsAWholeOneAgain) {
  put({{"a", "{}"}, {"b", "{}"}, {"c", "{}"}});
  const std::vector<Item> items = queue_->claim(3);
  db_->query("UPDATE work.items SET ready_at = ready_at - interval '100 seconds'");
  db_->query("UPDATE work.items SET epoch = 9 WHERE key = 'b'");
  const auto other = home_.open();
  const auto tx = other->begin();
  queue_->fence(*tx, items[2]);
  EXPECT_EQ(queue_->renew(*db_, items), (std::vector{Renewal::renewed, Renewal::lost, Renewal::unknown}));
  EXPECT_EQ(of("a", "round(extract(epoch FROM ready_at - updated_at))"), "120");
  EXPECT_EQ(of("c", "round(extract(epoch FROM ready_at - updated_at))"), "20")
      << "locked by whoever finishes it";
}

INSTANTIATE_TEST_SUITE_P(Kinds, QueueTest, testing::ValuesIn(queue_kinds()), kind_name);

}  // namespace
}  // namespace am::kernel
