#pragma once
// A queue's table in a database of its own, and workers over it. Every kind of queue passes the same cases: those of
// queue_pgtest, drain_pgtest and queue_crash_pgtest.

#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/kernel/amqp_queue.hpp"
#include "am/kernel/queue.hpp"
#include "am/kernel/queue_admin.hpp"
#include "support/pg.hpp"
#include "support/rabbitmq.hpp"

namespace am::kernel {

struct QueueKind {
  std::string name;
  /// The broker's queue is the test's own.
  std::function<std::unique_ptr<Queue>(Db&, const QueueSpec&, const std::string& broker_queue)> make;
};

inline void PrintTo(const QueueKind& kind, std::ostream* out) { *out << kind.name; }

inline QueueKind postgres_kind() {
  return {"Postgres", [](Db& db, const QueueSpec& spec, const std::string&) {
            return std::make_unique<PgQueue>(db, spec);
          }};
}

inline AmqpOptions amqp_options(const std::string& url) {
  return {.target = parse_broker_target(url), .max_wait = std::chrono::seconds(120)};
}

/// Where items come one by one to several workers, a claim of several gets what there is within `gather`.
inline QueueKind amqp_kind(std::chrono::milliseconds gather) {
  return {"Amqp", [gather](Db& db, const QueueSpec& spec, const std::string& broker_queue) {
            AmqpOptions options = amqp_options(test::RabbitMq::shared().url(broker_queue));
            options.gather = gather;
            return std::make_unique<AmqpQueue>(db, spec, options);
          }};
}

/// Alone it gets all that it asks for, however busy this machine is.
inline std::vector<QueueKind> queue_kinds() { return {postgres_kind(), amqp_kind(std::chrono::seconds(10))}; }

inline QueueSpec queue_spec() { return {.name = "items", .table = "work.items"}; }

inline void make_queue_table(Db& db) {
  const auto tx = db.begin();
  tx->script("CREATE SCHEMA work; " + queue_table_sql(queue_spec().table) +
             "CREATE TABLE work.results (key text NOT NULL, by_epoch bigint NOT NULL);");
  tx->commit();
}

inline void enqueue(Queue& queue, Db& db, const std::vector<NewItem>& items) {
  db.transact([&](Transaction& tx) { queue.enqueue(tx, items); });
}

/// What work in these tests is: a row that must be there once.
inline void write_and_finish(Queue& queue, Transaction& tx, const Item& item) {
  queue.fence(tx, item);
  tx.query("INSERT INTO work.results (key, by_epoch) VALUES ($1, $2::bigint)",
           sql_values(item.key, item.epoch));
  queue.finish(tx, std::span(&item, 1));
}

class QueueTest : public testing::TestWithParam<QueueKind> {
 protected:
  QueueTest() { make_queue_table(*db_); }

  std::unique_ptr<Queue> over(Db& db, const QueueSpec& spec = queue_spec()) {
    return GetParam().make(db, spec, broker_queue_);
  }
  void put(const std::vector<NewItem>& items) { enqueue(*queue_, *db_, items); }
  Item take() {
    const std::vector<Item> items = queue_->claim(1);
    EXPECT_EQ(items.size(), 1U);
    return items.at(0);
  }
  std::string of(const std::string& key, const std::string& what) {
    return test::value_of(*db_, "SELECT (" + what + ")::text FROM work.items WHERE key = $1",
                          sql_values(key));
  }
  std::string events() {
    return test::value_of(*db_,
                          "SELECT string_agg(concat_ws(' ', kind, data->>'queue', data->>'key', "
                          "data->>'reason'), E'\n' ORDER BY id) FROM ops.events");
  }
  /// As if the worker had been stopped for longer than its lease.
  void end_leases() {
    db_->query("UPDATE work.items SET ready_at = clock_timestamp() WHERE status = 'running'");
  }
  /// As if the time had come.
  void make_due() {
    db_->query("UPDATE work.items SET ready_at = clock_timestamp() WHERE status = 'queued'");
  }

  test::TestDb home_;
  const std::string broker_queue_ = test::RabbitMq::new_queue();
  std::unique_ptr<Db> db_ = home_.open();
  std::unique_ptr<Queue> queue_ = over(*db_);
  std::ostringstream lines_;
  Log log_{lines_, {}};
  Stop stop_;
};

inline std::string kind_name(const testing::TestParamInfo<QueueKind>& kind) { return kind.param.name; }

}  // namespace am::kernel
