#pragma once
// Queues seen from outside: for people (list, retry, cancel), for status and metrics (depth), for migrations and
// `am doctor` (the columns). Nothing here claims an item.
//
// Errors:  those of Sql::query; what else, is said.
// Threads: nothing is kept between calls; each is as safe as the Sql that it is given.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/queue.hpp"

namespace am::kernel {

/// The statements that make a queue's table and its two indexes: what a desk's migration holds. A desk may add columns.
std::string queue_table_sql(std::string_view table);
/// What its table lacks, a line each ("jobs.x: no column epoch of type bigint"). Empty: nothing.
std::vector<std::string> queue_table_problems(Sql& sql, const QueueSpec& queue);

/// How much there is to do. Of the running ones only those within their lease; the others are ready. Each count goes up to
/// kMostCounted, so that a queue of any length is read in a moment.
struct QueueState {
  static constexpr long long kMostCounted = 10000;
  std::string queue;
  long long ready = 0, later = 0, running = 0, dead = 0, failed = 0;
  std::optional<Instant> oldest_ready;  ///< since when the item that waits longest could have been claimed

  /// By their names.
  std::array<std::pair<std::string_view, long long>, 5> counts() const {
    return {{{"ready", ready}, {"later", later}, {"running", running}, {"dead", dead}, {"failed", failed}}};
  }
};
/// "10000+": so many or more.
std::string item_count_text(long long n);
QueueState queue_state(Sql& sql, const QueueSpec& queue);
/// The same in two halves, for a snapshot that reads more: the statement, and what its result means.
Statement ask_queue_state(const QueueSpec& queue);
QueueState make_queue_state(const QueueSpec& queue, const Rows& result);

struct ItemInfo {
  long long id = 0, epoch = 0;
  std::string key, status;  ///< queued, running, done, failed, dead, cancelled
  int priority = 1, attempts = 0, max_attempts = 0;
  Instant ready_at{}, created_at{}, updated_at{};
  std::string holder;  ///< JSON; empty: nobody's
  std::string error_message, payload_json;
};

/// By key or by id; what is empty names none.
struct ItemNames {
  std::vector<std::string> keys{};
  std::vector<long long> ids{};
};

/// Of the named ones, else of all; with that status, else the named ones whatever it is, and of all what is open, dead
/// or failed. The most urgent first.
std::vector<ItemInfo> list_items(Sql& sql, const QueueSpec& queue, const std::optional<std::string>& status,
                                 const ItemNames& names, int limit);

/// What was asked of an item by name, and what came of it.
struct ItemChange {
  long long id = 0;
  std::string key;
  std::string was;  ///< the status before
  bool changed = false;
};
/// Queued again, ready now, with all its attempts: what is dead, failed or cancelled. Each with the event item_retried.
/// A name that is not there is not in the answer.
std::vector<ItemChange> retry_items(Sql& sql, const QueueSpec& queue, const ItemNames& names);
/// Not to be worked on: what is neither done nor cancelled. A worker that has it writes nothing more. Each with the event
/// item_cancelled. A name that is not there is not in the answer.
std::vector<ItemChange> cancel_items(Sql& sql, const QueueSpec& queue, const ItemNames& names,
                                     std::string_view reason);

}  // namespace am::kernel
