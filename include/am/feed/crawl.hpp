#pragma once
// A partition, from the claimed item to its rows: page after page of the supplier's, each one transaction with how far the
// partition has come, so that whoever claims it next goes on there. Not here: how items are claimed, kept and given back
// (kernel/drain.hpp), and what becomes of a run (runs.hpp).
//
// Errors:  what kernel::Work's may be: those of Supplier and of the database. What failed after its tries fails the attempt;
//          a paused limiter and a refused login do not.
// Threads: one at a time; each thread has its own, with its own connection and supplier.

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "am/feed/supplier.hpp"
#include "am/kernel/drain.hpp"

namespace am::feed {

/// The database's clock. Errors: those of Sql::query.
Instant database_now(kernel::Sql& sql);

struct CrawlOptions {
  int page_size = 30;
  std::string worker_id;  ///< for people: host, process, thread
  /// Of a page's transaction, over what the database repeats by itself.
  kernel::RetryPolicy database{.attempts = 3,
                               .base = std::chrono::seconds(2),
                               .cap = std::chrono::seconds(8),
                               .budget = std::chrono::minutes(1)};
  /// When the request of the page that has just come was sent, by the database's clock. None: the moment before it is asked
  /// for, which is earlier by the wait for the limiter.
  std::function<Instant()> asked_at{};
  /// A partition of that run has ended, or may have: to be called again does no harm (settle).
  std::function<void(const std::string& run_id)> on_partition_ended{};
};

class PartitionWorker {
 public:
  PartitionWorker(kernel::Db& db, kernel::Queue& queue, Supplier& supplier, kernel::Log& log,
                  const kernel::Stop& stop, CrawlOptions options);
  ~PartitionWorker();
  PartitionWorker(const PartitionWorker&) = delete;
  PartitionWorker& operator=(const PartitionWorker&) = delete;

  /// As kernel::Work. dead: it was queued more than a day ago, or far more came than was counted. buried: its message is none.
  kernel::Fate operator()(const kernel::Item& item, const kernel::Lease& lease);
  /// What a request waits for is over when the lease is. Errors: as Lease::check; without one: none.
  void check_lease() const;
  /// At the end: what has failed since is told on_partition_ended, and so is every open run, since partitions also die where
  /// nobody works on them.
  void settle_all();

 private:
  class Crawl;
  void tell_ended(const std::string& run_id);
  void settle_touched();

  kernel::Db& db_;
  kernel::Queue& queue_;
  Supplier& supplier_;
  kernel::Log& log_;
  const kernel::Stop& stop_;
  CrawlOptions options_;
  const kernel::Lease* lease_ = nullptr;
  std::optional<std::string> touched_;  ///< the run of the item that was worked on last, until it is told
};

}  // namespace am::feed
