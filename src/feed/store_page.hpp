#pragma once
// The statements of a partition: how it begins, a page of it, its end. Private.
//
// Errors:  those of Sql::query; what else, is said.

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "am/feed/types.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/queue.hpp"

namespace am::feed {

/// A partition as it was claimed.
struct Progress {
  long long next_offset = 0, received = 0;
  int pages = 0;
  bool is_expired = false;  ///< queued more than a day ago, by a plan or by a person
};
/// Marks its worker as running. seen: the rows of the stones that its pages held.
/// Errors:  busy: the item is not held.
Progress begin_partition(kernel::Transaction& tx, kernel::Queue& queue, const kernel::Item& item,
                         const std::string& worker_id, std::unordered_set<long long>& seen);

struct PageRow {
  int page = 1;  ///< from 1 on
  long long at_offset = 0;
  long long next_offset = 0;  ///< before it
  Instant fetched_at{};       ///< when it was asked for, by the database's clock
};
struct StoredPage {
  std::vector<long long> ids;  ///< of its stones, each once
  int created = 0, changed = 0;
};
/// The stones of a page, of which those that are new or changed are written, unless a newer request wrote them.
StoredPage store_offers(kernel::Transaction& tx, const std::string& feed, const std::string& run_id,
                        const std::vector<Offer>& offers, Instant fetched_at);
/// The page's row, and how far its partition is now. records: distinct stones of the partition, with those of this page.
/// Errors:  busy: the partition is not where it was.
void store_progress(kernel::Transaction& tx, const kernel::Item& item, const PageRow& row, const Page& page,
                    const StoredPage& stored, long long records);
/// What store_progress wrote, when it did: for who does not know how its transaction ended.
std::optional<StoredPage> find_page(kernel::Sql& sql, const WorkItemMessage& work, int page);

/// The worker's row says that the partition is done.
void complete_worker(kernel::Transaction& tx, const WorkItemMessage& work);
/// The partition is dead, whatever attempts are left. Errors: busy: it is not held.
void kill_partition(kernel::Transaction& tx, kernel::Queue& queue, const kernel::Item& item,
                    const Error& reason);
/// A page that failed; of an item that is not held any more: nothing.
void count_failed_page(kernel::Sql& sql, const kernel::Item& item);

/// The row of a stone; nullopt: nobody has it.
std::optional<long long> find_stone(kernel::Sql& sql, const std::string& feed, const std::string& stone);

}  // namespace am::feed
