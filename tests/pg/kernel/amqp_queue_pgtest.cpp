// A queue over a real RabbitMQ: what the broker loses, brings twice, too late, from others, or not at all.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue_bed.hpp"
#include "support/error_of.hpp"
#include "support/silent_relay.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::error_of;
using test::RabbitMq;

/// Passes on what it is asked; a test may act before messages are accepted.
class Watched final : public Broker {
 public:
  Watched(std::unique_ptr<Broker> inner, std::function<void(Broker&)> before_accept)
      : inner_(std::move(inner)), before_accept_(std::move(before_accept)) {}
  BrokerResult open() override { return inner_->open(); }
  BrokerResult publish(std::span<const BrokerMessage> messages, milliseconds longest) override {
    return inner_->publish(messages, longest);
  }
  BrokerResult receive(std::size_t most, std::size_t enough, milliseconds longest, milliseconds gather,
                       std::vector<BrokerDelivery>& arrived) override {
    return inner_->receive(most, enough, longest, gather, arrived);
  }
  void accept(std::span<const std::uint64_t> numbers) override {
    before_accept_(*inner_);
    inner_->accept(numbers);
  }
  void reject(std::span<const std::uint64_t> numbers) override { inner_->reject(numbers); }
  void close() override { inner_->close(); }

 private:
  std::unique_ptr<Broker> inner_;
  std::function<void(Broker&)> before_accept_;
};

class AmqpQueueTest : public testing::Test {
 protected:
  AmqpQueueTest() { make_queue_table(*db_); }

  AmqpOptions options() const { return amqp_options(RabbitMq::shared().url(broker_queue_)); }
  static QueueSpec spec(milliseconds lease = seconds(120)) {
    QueueSpec spec = queue_spec();
    spec.lease = lease;
    spec.key_of = [](std::string_view body) -> std::optional<std::string> {
      const std::string_view mark = R"({"key":")";
      if (!body.starts_with(mark)) return std::nullopt;
      return std::string(body.substr(mark.size(), body.find('"', mark.size()) - mark.size()));
    };
    return spec;
  }
  std::string keys(const std::vector<Item>& items) const {
    std::string all;
    for (const Item& item : items) all += (all.empty() ? "" : " ") + item.key;
    return all;
  }
  std::string of(const std::string& key, const std::string& what) {
    return test::value_of(*db_, "SELECT (" + what + ")::text FROM work.items WHERE key = $1",
                          sql_values(key));
  }
  std::string events() {
    return test::value_of(
        *db_,
        "SELECT string_agg(concat_ws(' | ', kind, data->>'queue', data->>'message', "
        "data->>'reason', left(data->>'body', 40), length(data->>'body')), E'\n' ORDER BY id) "
        "FROM ops.events");
  }
  void put(const std::vector<NewItem>& items) { enqueue(queue_, *db_, items); }
  /// As others do.
  void send(const std::vector<BrokerMessage>& messages) {
    const auto broker = load_broker({.target = options().target});
    ASSERT_TRUE(broker->publish(messages, seconds(20)).ok());
    broker->close();
  }
  /// What the broker still has, once nobody holds any of it.
  std::size_t left() {
    const auto broker = load_broker({.target = options().target});
    std::vector<BrokerDelivery> all;
    EXPECT_TRUE(broker->receive(100, 100, milliseconds(300), milliseconds(300), all).ok());
    return all.size();
  }

  test::TestDb home_;
  const std::string broker_queue_ = RabbitMq::new_queue();
  std::unique_ptr<Db> db_ = home_.open();
  AmqpQueue queue_{*db_, spec(), options()};
};

TEST_F(AmqpQueueTest, ARowIsSentOnceAndEmptiedByItsClaim) {
  put({{"a", "{}"}, {"later", "{}", 1, *parse_rfc3339("2100-01-01T00:00:00Z")}});
  EXPECT_EQ(queue_.relay(), 1U);
  EXPECT_EQ(of("a", "sent_at > created_at"), "true");
  EXPECT_EQ(queue_.relay(), 0U);
  EXPECT_EQ(of("later", "sent_at IS NULL"), "true");
  const std::vector<Item> items = queue_.claim(1);
  ASSERT_EQ(keys(items), "a");
  EXPECT_EQ(of("a", "sent_at IS NULL"), "true")
      << "its message is used up: when its lease ends it is sent again";
  queue_.release(*db_, items);
  EXPECT_EQ(keys(queue_.claim(1)), "a");
}

TEST_F(AmqpQueueTest, WhoeverElseTakesARowUsesItsMessageUp) {
  PgQueue other(*db_, spec());
  put({{"a", "{}"}});
  queue_.relay();
  ASSERT_EQ(keys(other.claim(1)), "a");
  db_->query("UPDATE work.items SET ready_at = clock_timestamp()");  // and dies
  EXPECT_EQ(keys(queue_.claim(1)), "a") << "not only after two leases";
  EXPECT_TRUE(queue_.claim(1).empty());
  EXPECT_EQ(of("a", "attempts"), "2");
}

TEST_F(AmqpQueueTest, AMessageThatComesTwiceIsOneAttempt) {
  put({{"a", "{}"}});
  queue_.relay();
  db_->query("UPDATE work.items SET sent_at = NULL");
  EXPECT_EQ(queue_.relay(), 1U);
  EXPECT_EQ(keys(queue_.claim(2)), "a");
  EXPECT_TRUE(queue_.claim(2).empty());
  EXPECT_EQ(of("a", "concat_ws(' ', status, attempts)"), "running 1");
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(events(), "");
}

TEST_F(AmqpQueueTest, ADeliveryWhoseRowIsDoneIsAccepted) {
  PgQueue other(*db_, spec());
  put({{"a", "{}"}, {"b", "{}"}});
  queue_.relay();
  other.finish(*db_, other.claim(1));
  EXPECT_EQ(keys(queue_.claim(1)), "b");
  EXPECT_TRUE(queue_.claim(1).empty());
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(events(), "");
}

TEST_F(AmqpQueueTest, ACrashBetweenCommitAndAcceptTakesTheRowOnce) {
  put({{"a", "{}"}});
  {
    AmqpOptions dying = options();
    dying.make_broker = [](const BrokerOptions& broker) {
      return std::make_unique<Watched>(load_broker(broker), [](Broker& inner) { inner.close(); });
    };
    AmqpQueue victim(*db_, spec(), dying);
    EXPECT_EQ(keys(victim.claim(1)), "a");
  }
  EXPECT_TRUE(queue_.claim(1).empty()) << "brought again, and its row is held";
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(of("a", "concat_ws(' ', status, attempts)"), "running 1");
}

/// A row is locked by whoever sends it until it is written as sent; its message may be here before that.
TEST_F(AmqpQueueTest, AMessageIsNotTakenForStaleWhileItsRowIsBeingSent) {
  put({{"a", "{}"}});
  const auto sender = home_.open();
  const auto tx = sender->begin();
  tx->query("SELECT FROM work.items FOR UPDATE");
  send({{"a#0", "{}", "items", 1}});
  std::string claimed;
  std::thread worker([&] {
    const auto db = home_.open();
    AmqpQueue queue(*db, spec(), options());
    claimed = keys(queue.claim(1));
  });
  while (test::value_of(*db_,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                        "wait_event_type = 'Lock'") == "0")
    std::this_thread::sleep_for(milliseconds(5));
  tx->query("UPDATE work.items SET sent_at = clock_timestamp()");
  tx->commit();
  worker.join();
  EXPECT_EQ(claimed, "a");
}

TEST_F(AmqpQueueTest, WhatIsNotOursIsRejectedWithItsReason) {
  put({{"a", "{}"}, {"b", "{}"}});
  send({{"broken", "{\"key\":"},
        {"nul", std::string("{\"key\":\"a\0\"}", 12)},
        {"long", "\"" + std::string(kMostMessageBytes, 'x') + "\""},
        {"gone", R"({"key":"z"})"},
        {"gone too", "{}", "items", 4711},
        {"other", "{}", "prices", 1},
        {"nameless", "{}"},
        {"good", R"({"key":"b"})"}});
  EXPECT_EQ(keys(queue_.claim(10)), "a b");
  EXPECT_TRUE(queue_.claim(10).empty());
  EXPECT_EQ(left(), 0U) << "neither is brought again";
  EXPECT_EQ(
      events(),
      "message_rejected | items | broken | its body is not JSON | {\"key\": | 7\n"
      "message_rejected | items | nul | its body is not JSON | {\"key\":\"a\xEF\xBF\xBD\"} | 12\n"
      "message_rejected | items | long | its body is longer than 64 kB | \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | 1025\n"
      "message_rejected | items | gone | there is no item 'z' | {\"key\":\"z\"} | 11\n"
      "message_rejected | items | gone too | there is no item 4711 | {} | 2\n"
      "message_rejected | items | other | it is of queue 'prices' | {} | 2\n"
      "message_rejected | items | nameless | it names no item | {} | 2");
}

TEST_F(AmqpQueueTest, AnothersMessageRingsForItsRow) {
  put({{"a", R"({"n": 1})"}});
  db_->query("UPDATE work.items SET sent_at = clock_timestamp()");  // by a message that is lost
  send({{"theirs", R"({"key":"a","more":2})"}});
  const std::vector<Item> items = queue_.claim(1);
  ASSERT_EQ(keys(items), "a");
  EXPECT_EQ(items[0].payload_json, R"({"n": 1})") << "the row's, whatever the message says";
}

TEST_F(AmqpQueueTest, LongPayloadsTravelWhole) {
  const std::string text(kMostMessageBytes - 20, 'x');
  put({{"a", R"({"text": ")" + text + R"("})"}});
  const std::vector<Item> items = queue_.claim(1);
  ASSERT_EQ(keys(items), "a");
  EXPECT_EQ(items[0].payload_json, R"({"text": ")" + text + R"("})");
}

TEST_F(AmqpQueueTest, AQueueThatIsDeletedComesBackAndItsRowsAreSentAgain) {
  const QueueSpec short_lease = spec(milliseconds(200));
  AmqpQueue queue(*db_, short_lease, options());
  enqueue(queue, *db_, {{"a", "{}"}});
  EXPECT_EQ(queue.relay(), 1U);
  RabbitMq::shared().delete_queue(broker_queue_);
  const auto begun = steady_clock::now();
  EXPECT_EQ(keys(queue.claim(1)), "a");
  EXPECT_LT(steady_clock::now() - begun, seconds(15));
  EXPECT_EQ(of("a", "attempts"), "1");
}

TEST_F(AmqpQueueTest, ABrokerThatIsKilledKeepsItsMessages) {
  put({{"a", "{}"}, {"b", "{}"}});
  const std::vector<Item> items = queue_.claim(1);
  ASSERT_EQ(keys(items), "a");
  RabbitMq::shared().kill();
  db_->transact([&](Transaction& tx) { write_and_finish(queue_, tx, items[0]); });  // needs no broker
  AmqpOptions impatient = options();
  impatient.max_wait = milliseconds(200);
  AmqpQueue other(*db_, spec(), impatient);
  const Error away = error_of([&] { other.claim(1); });
  EXPECT_EQ(away.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(away.message().starts_with("queue items, broker " + options().target.where() + ": "))
      << away.message();
  EXPECT_NE(away.message().find("refused"), std::string::npos) << away.message();
  std::string claimed;
  std::thread patient([&] {
    const auto db = home_.open();
    AmqpQueue queue(*db, spec(), options());
    claimed = keys(queue.claim(1));
  });
  RabbitMq::shared().start();
  patient.join();
  EXPECT_EQ(claimed, "b") << "of a message that is older than the kill";
}

TEST_F(AmqpQueueTest, ABrokerThatSaysNothingIsWaitedForAndNoLonger) {
  put({{"a", "{}"}});
  test::SilentRelay relay(test::SilentRelay::When::at_once);
  AmqpOptions impatient = amqp_options("amqp://guest:guest@127.0.0.1:" + std::to_string(relay.port()) + "/q");
  impatient.connect_timeout = milliseconds(100);
  impatient.max_wait = milliseconds(300);
  AmqpQueue queue(*db_, spec(), impatient);
  const auto begun = steady_clock::now();
  const Error silent = error_of([&] { queue.claim(1); });
  EXPECT_EQ(silent.kind(), ErrorKind::unavailable);
  EXPECT_EQ(silent.message(),
            "queue items, broker " + impatient.target.where() + ": no answer within 100 ms");
  EXPECT_GE(steady_clock::now() - begun, impatient.max_wait);
  EXPECT_GT(relay.swallowed(), 0);
  db_->query("UPDATE work.items SET status = 'done'");
  EXPECT_TRUE(queue.claim(1).empty()) << "nothing is ready: nobody has to wait";
}

TEST_F(AmqpQueueTest, ABrokerThatFallsSilentIsWaitedForAndNoLonger) {
  AmqpOptions impatient = options();
  impatient.max_wait = milliseconds(300);
  AmqpQueue queue(*db_, spec(), impatient);
  EXPECT_TRUE(queue.claim(1).empty()) << "it is connected";
  put({{"a", "{}"}});
  db_->query("UPDATE work.items SET sent_at = clock_timestamp()");
  RabbitMq::shared().pause();
  const Error silent = error_of([&] { queue.claim(1); });
  RabbitMq::shared().resume();
  EXPECT_EQ(silent.kind(), ErrorKind::unavailable);
  EXPECT_EQ(silent.message(), "queue items, broker " + impatient.target.where() +
                                  ": no message came within 300 ms though 1 or more items are ready");
  db_->query("UPDATE work.items SET sent_at = NULL");
  EXPECT_EQ(keys(queue.claim(1)), "a");
}

TEST_F(AmqpQueueTest, AskedToEndItWaitsForNoBroker) {
  put({{"a", "{}"}});
  test::SilentRelay relay(test::SilentRelay::When::at_once);
  Stop stop;
  AmqpOptions waiting = amqp_options("amqp://guest:guest@127.0.0.1:" + std::to_string(relay.port()) + "/q");
  waiting.connect_timeout = seconds(60);
  waiting.stop = &stop;
  AmqpQueue queue(*db_, spec(), waiting);
  std::thread signal([&] {
    relay.wait_for_a_victim();
    stop.request(SIGTERM);
  });
  EXPECT_EQ(error_of([&] { queue.claim(1); }).kind(), ErrorKind::terminated);
  signal.join();
}

TEST_F(AmqpQueueTest, WithNothingToSendTheTickAsksNobody) {
  AmqpQueue queue(*db_, spec(), amqp_options("amqp://guest:guest@127.0.0.1:1/q"));
  EXPECT_EQ(queue.relay(), 0U);
  enqueue(queue, *db_, {{"a", "{}"}});
  EXPECT_EQ(error_of([&] { queue.relay(); }).kind(), ErrorKind::unavailable);
  EXPECT_EQ(of("a", "sent_at IS NULL"), "true");
  db_->query("UPDATE work.items SET sent_at = clock_timestamp()");
  EXPECT_EQ(queue.relay(), 0U) << "its message is under way";
}

TEST_F(AmqpQueueTest, ARefusedLoginEndsItWithoutItsPassword) {
  AmqpOptions wrong = options();
  wrong.target.password = "canary-password";
  AmqpQueue queue(*db_, spec(), wrong);
  const Error denied = error_of([&] { queue.claim(1); });
  EXPECT_EQ(denied.kind(), ErrorKind::denied);
  EXPECT_EQ(denied.message(), "queue items, broker " + wrong.target.where() +
                                  ": the login was refused: Authentication failed [mech=PLAIN]");
}

/// Which authorities are believed is read once a process: who doesn't know ours is another one.
TEST_F(AmqpQueueTest, TheCertificateIsChecked) {
  put({{"a", "{}"}});
  RabbitMq& server = RabbitMq::shared();
  const auto claim_over = [&](Db& db, const std::string& host) {
    AmqpOptions tls = amqp_options(server.tls_url(host, broker_queue_));
    tls.max_wait = milliseconds(0);
    AmqpQueue queue(db, spec(), tls);
    try {
      return "claimed: " + keys(queue.claim(1));
    } catch (const Error& error) {
      return std::string(error_kind_name(error.kind())) + ": " + error.message();
    }
  };
  std::array<int, 2> pipe{};
  ASSERT_EQ(pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t stranger = fork();
  if (stranger == 0) {
    const std::string said = claim_over(*home_.open(), "localhost");
    _exit(write(pipe[1], said.data(), said.size()) > 0 ? 0 : 1);
  }
  close(pipe[1]);
  std::array<char, 1000> buffer{};
  const ssize_t got = read(pipe[0], buffer.data(), buffer.size());
  close(pipe[0]);
  waitpid(stranger, nullptr, 0);
  const std::string said(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  EXPECT_TRUE(said.starts_with("unavailable: ") && said.find("certificate verify failed") != said.npos)
      << said;

  setenv("SSL_CERT_FILE", server.authority().c_str(), 1);
  EXPECT_EQ(claim_over(*db_, "localhost"), "claimed: a");
  db_->query("UPDATE work.items SET ready_at = clock_timestamp()");
  const std::string other_name = claim_over(*db_, "127.0.0.1");
  unsetenv("SSL_CERT_FILE");
  EXPECT_NE(other_name.find("certificate verify failed"), std::string::npos) << other_name;
}

TEST_F(AmqpQueueTest, WhatIsUnderWayIsFoundWithoutASort) {
  db_->query(
      "INSERT INTO work.items (key, status, priority, ready_at, max_attempts, payload, created_at, updated_at) "
      "SELECT n, CASE WHEN n <= 9000 THEN 'done' ELSE 'queued' END, n % 4, clock_timestamp() + CASE WHEN n > 14000 THEN "
      "interval '1 day' ELSE interval '-1 second' END, 5, '{}', clock_timestamp(), clock_timestamp() "
      "FROM generate_series(1, 20000) n");
  db_->query("ANALYZE work.items");
  std::string plan;
  for (const Row row : db_->query("EXPLAIN (COSTS OFF) " + queue_.relay_sql(), sql_values(200, 120000)))
    plan += row.text("QUERY PLAN") + "\n";
  EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

}  // namespace
}  // namespace am::kernel
