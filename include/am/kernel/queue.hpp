#pragma once
// Items of work that many processes share: thousands, each claimed as "the next one" and forgotten when it is old. What
// is named by its slot and kept for people is a run of the ledger (ledger.hpp), never an item.
//
// Each queue is a table of its desk with the columns of queue_admin.hpp; the row decides everything. `ready_at` is when
// an item may be claimed: of a running one that is the end of its lease, so an item whose worker died is simply ready
// again. A claim bumps the epoch, and every write for an item checks it, and that the lease had not ended when the
// transaction began. Delivered at least once; what makes it count once is `finish` in the transaction that writes what
// the item is for.
//
// Time: leases and due times compare the database's clock only.
// Errors: those of Sql::query; what else, is said.
// Threads: a Queue is used from one, as its Db is.
// Design: docs/architecture.md, "Queues".

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/kernel/retry.hpp"

namespace am::kernel {

struct QueueSpec {
  std::string_view name;   ///< for people and metrics: "forecasts"
  std::string_view table;  ///< with its schema: "jobs.forecasts"
  std::chrono::milliseconds lease{std::chrono::seconds(120)};
  int max_attempts = 5;  ///< of what is enqueued from now on
  /// Base and cap of the wait after a failed attempt.
  RetryPolicy backoff{.base = std::chrono::seconds(30), .cap = std::chrono::hours(1)};
  /// The key that the body of a message names which somebody else sent; nothing: none. Null: only ours are taken.
  /// Threads: pure; it never throws.
  std::optional<std::string> (*key_of)(std::string_view body_json) = nullptr;
};

struct NewItem {
  std::string key;
  std::string payload_json;
  int priority = 1;  ///< 0 (first) to 3
  std::optional<Instant> not_before{};
};

/// A claimed item: a value. The epoch is the fencing token.
struct Item {
  long long id = 0, epoch = 0;
  std::string key, payload_json;
  int attempt = 1;
};

/// What became of an item that was worked on.
enum class Fate {
  done,    ///< finished
  again,   ///< queued, to be tried again
  dead,    ///< its attempts are used up; people may retry it
  buried,  ///< it can never succeed; people may retry it
};

class Queue {
 public:
  Queue(Db& db, const QueueSpec& spec);
  virtual ~Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  const QueueSpec& spec() const { return spec_; }

  /// In the caller's transaction. A key that is there, whatever its state, is left alone. How many are new.
  std::size_t enqueue(Sql& sql, std::span<const NewItem> items);
  /// The next ones, at most so many, most urgent first. Empty: none is ready. Those whose last attempt ended without a
  /// word (the worker died) become dead here, each with the event item_dead.
  virtual std::vector<Item> claim(std::size_t most) = 0;
  /// What became of each, in their order.
  std::vector<Renewal> renew(Sql& sql, std::span<const Item> items) const;
  /// For Heartbeat::hold: renews these. It keeps no reference to the queue.
  Heartbeat::Renew renewer(std::span<const Item> items) const;

  /// Locks the row until the transaction ends. Errors: busy unless it is held.
  void fence(Sql& sql, const Item& item);
  /// Done; in the transaction that writes what they are for. Errors: busy unless all of them are held.
  void finish(Sql& sql, std::span<const Item> items);
  /// Queued again, after the back-off or at the error's not_before; or dead, with the event item_dead.
  /// Errors:  busy unless it is held.
  Fate fail(Sql& sql, const Item& item, const Error& error);
  /// It can never succeed: failed, with the event item_failed. Errors: busy unless it is held.
  void bury(Sql& sql, const Item& item, std::string_view reason);
  /// Gives back those that are still held: queued, and the attempt does not count.
  void release(Sql& sql, std::span<const Item> items, std::optional<Instant> not_before = {});

 protected:
  Db& db() const { return db_; }
  /// A statement over the queue's table: {table} stands for it.
  std::string over_table(std::string_view sql) const;

 private:
  Db& db_;
  QueueSpec spec_;
};

/// Over PostgreSQL alone: the row is everything.
class PgQueue final : public Queue {
 public:
  PgQueue(Db& db, const QueueSpec& spec);
  std::vector<Item> claim(std::size_t most) override;
  /// What a claim sends, for EXPLAIN and the bench: most, holder as JSON, lease in ms, name.
  const std::string& claim_sql() const { return claim_sql_; }

 private:
  std::string claim_sql_;
  std::string holder_;
};

}  // namespace am::kernel
