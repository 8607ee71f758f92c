#include "am/feed/crawl.hpp"

#include <chrono>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/feed/runs.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/retry.hpp"
#include "crawl_steps.hpp"
#include "store_page.hpp"

namespace am::feed {

namespace {

using kernel::Attempt;
using kernel::Fate;
using kernel::Item;
using kernel::Transaction;

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Error overrun(long long received, long long expected) {
  return {ErrorKind::data,
          "overrun: " + std::to_string(received) + " offers came (expected about " +
              std::to_string(expected) + ")",
          "the supplier's filter by price does not hold, or its pages never end"};
}

Error expired() {
  return {ErrorKind::data, "expired: queued more than 24 hours ago", "am feed retry queues it again"};
}

}  // namespace

Instant database_now(kernel::Sql& sql) {
  return sql.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now")
      .only()
      .micros("now");
}

/// One attempt at one partition.
class PartitionWorker::Crawl {
 public:
  Crawl(PartitionWorker& worker, const Item& item, WorkItemMessage work)
      : w_(worker), item_(item), work_(std::move(work)) {}

  Fate run() {
    if (!begin()) return Fate::dead;
    for (;;) {
      w_.stop_.check();
      w_.check_lease();
      Fetched fetched = ask();
      const bool begins_seen = !has_to_overlap(state_) || begins_with_seen(fetched.page);
      switch (step_for(state_, static_cast<int>(fetched.page.offers.size()), begins_seen)) {
        case Step::hold:
          if (!fetched.page.offers.empty()) held_.push_back(std::move(fetched));
          state_ = held(state_);
          break;
        case Step::restart:
          w_.log_.warn("the partition shrank by pages: it is read again from its beginning");
          held_.clear();
          state_ = restarted(state_);
          break;
        case Step::end:
          finish(fetched);
          return completed();
        case Step::keep:
          if (const std::optional<Fate> fate = keep(std::move(fetched), !begins_seen)) return *fate;
          break;
      }
    }
  }

 private:
  struct Fetched {
    long long offset = 0;
    Page page;
    Instant asked_at{};
  };

  /// False: it is dead already.
  bool begin() {
    bool is_expired = false;
    w_.db_.transact([&](Transaction& tx) {
      const Progress progress = begin_partition(tx, w_.queue_, item_, w_.options_.worker_id, seen_);
      const FeedRun of = load_run(tx, work_.run_id);
      feed_ = of.feed;
      filter_ = filter_of(of, {work_.price_min, work_.price_max});
      state_ = {.page_size = w_.options_.page_size,
                .expected = work_.expected_records,
                .next_offset = progress.next_offset,
                .received = progress.received,
                .furthest = progress.next_offset};
      stored_offset_ = progress.next_offset;
      pages_ = progress.pages;
      is_expired = progress.is_expired;
      if (is_expired) kill_partition(tx, w_.queue_, item_, expired());
    });
    if (is_expired) w_.log_.warn("partition is dead", {{"reason", expired().message()}});
    return !is_expired;
  }

  Fetched ask() {
    Fetched fetched{.offset = offset_to_ask(state_), .page = {}};
    const auto& asked_at = w_.options_.asked_at;
    if (!asked_at) fetched.asked_at = database_now(w_.db_);
    try {
      fetched.page = w_.supplier_.page(filter_, fetched.offset, state_.page_size);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::data)
        count_failed_page(w_.db_, item_);
      throw;
    }
    if (asked_at) fetched.asked_at = asked_at();
    if (fetched.page.replaced_characters > 0)
      w_.log_.warn("bytes that are no UTF-8 were replaced",
                   {{"offset", static_cast<std::int64_t>(fetched.offset)},
                    {"bytes", fetched.page.replaced_characters}});
    return fetched;
  }

  bool begins_with_seen(const Page& page) {
    if (page.offers.empty()) return false;
    const std::string& stone = page.offers.front().supplier_stone_id;
    if (stone == last_stone_) return true;
    const std::optional<long long> id = find_stone(w_.db_, feed_, stone);
    return id && seen_.contains(*id);
  }

  /// The page, then those that are held, the one that was asked for last first. What has ended, if something has.
  std::optional<Fate> keep(Fetched fetched, bool is_gap) {
    const bool is_alone = held_.empty();
    if (is_gap) tell("feed_gap", fetched);
    held_.push_back(std::move(fetched));
    while (!held_.empty()) {
      const Fetched next = std::move(held_.back());
      held_.pop_back();
      const Standing standing = store(next, is_alone);
      if (standing == Standing::tail) return completed();
      if (standing == Standing::overrun) {
        const Error reason = overrun(state_.received, state_.expected);
        w_.log_.warn("partition is dead", {{"reason", reason.message()}});
        return Fate::dead;
      }
    }
    return std::nullopt;
  }

  /// One transaction, which also ends the partition when the page shows that it is at its end.
  Standing store(const Fetched& fetched, bool is_alone) {
    Kept after;
    StoredPage stored;
    const auto judge = [&] {
      int fresh = 0;
      for (const long long id : stored.ids) fresh += seen_.contains(id) ? 0 : 1;
      after = kept(state_, fetched.offset, static_cast<int>(fetched.page.offers.size()), fresh, is_alone);
      return fresh;
    };
    in_transaction(
        [&](Transaction& tx) {
          stored = store_offers(tx, feed_, work_.run_id, fetched.page.offers, fetched.asked_at);
          const int fresh = judge();
          store_progress(tx, item_, row_of(fetched), fetched.page, stored, records() + fresh);
          if (after.standing == Standing::tail) {
            event(tx, "feed_tail", fetched);
            complete_worker(tx, work_);
            w_.queue_.finish(tx, std::span(&item_, 1));
          } else if (after.standing == Standing::overrun) {
            kill_partition(tx, w_.queue_, item_, overrun(after.state.received, state_.expected));
          }
        },
        [&](StoredPage found) {
          stored = std::move(found);
          judge();
        });
    seen_.insert(stored.ids.begin(), stored.ids.end());
    last_stone_ = fetched.page.offers.back().supplier_stone_id;
    state_ = after.state;
    stored_offset_ = state_.next_offset;
    created_ += stored.created;
    changed_ += stored.changed;
    ++pages_;
    return after.standing;
  }

  void finish(const Fetched& fetched) {
    in_transaction(
        [&](Transaction& tx) {
          store_progress(tx, item_, row_of(fetched), fetched.page, {}, records());
          complete_worker(tx, work_);
          w_.queue_.finish(tx, std::span(&item_, 1));
        },
        [](const StoredPage&) {});
    ++pages_;
  }

  /// Tried again as the options say. found: gets what was written when it turns out that a transaction whose end
  /// nobody knew had been committed.
  void in_transaction(const std::function<void(Transaction&)>& work,
                      const std::function<void(StoredPage)>& found) {
    kernel::retry(w_.options_.database, w_.stop_, [&](int n) -> Attempt {
      try {
        if (n > 0) {
          if (std::optional<StoredPage> written = find_page(w_.db_, work_, pages_ + 1)) {
            found(std::move(*written));
            return {};
          }
        }
        w_.db_.transact(work);
        return {};
      } catch (const Error& error) {
        return {.failed = error, .again = error.kind() == ErrorKind::unavailable};
      }
    });
  }

  PageRow row_of(const Fetched& fetched) const {
    return {.page = pages_ + 1,
            .at_offset = fetched.offset,
            .next_offset = stored_offset_,
            .fetched_at = fetched.asked_at};
  }

  long long records() const { return static_cast<long long>(seen_.size()); }

  void event(kernel::Sql& sql, std::string_view kind, const Fetched& fetched) {
    kernel::Ledger::event(
        sql, kind, {}, {},
        nlohmann::ordered_json{
            {"offset", fetched.offset}, {"expected", state_.expected}, {"stones", records()}}
            .dump(),
        "partition " + work_.key());
  }

  void tell(std::string_view kind, const Fetched& fetched) {
    w_.log_.warn("rows moved by more than pages that were read: stones may be missing",
                 {{"offset", static_cast<std::int64_t>(fetched.offset)}});
    w_.db_.transact([&](Transaction& tx) { event(tx, kind, fetched); });
  }

  Fate completed() {
    w_.log_.info("partition completed", {{"run_id", work_.run_id},
                                         {"partition_id", work_.partition_id},
                                         {"duration", seconds_since(begun_)},
                                         {"stones", static_cast<std::int64_t>(records())},
                                         {"expected", static_cast<std::int64_t>(work_.expected_records)},
                                         {"new", static_cast<std::int64_t>(created_)},
                                         {"changed", static_cast<std::int64_t>(changed_)},
                                         {"pages", pages_}});
    return Fate::done;
  }

  PartitionWorker& w_;
  const Item& item_;
  const WorkItemMessage work_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::string feed_;
  Filter filter_;
  CrawlState state_;
  long long stored_offset_ = 0;  ///< what the row says
  int pages_ = 0;
  long long created_ = 0, changed_ = 0;  ///< by this attempt
  std::unordered_set<long long> seen_;
  std::string last_stone_;
  std::vector<Fetched> held_;
};

PartitionWorker::PartitionWorker(kernel::Db& db, kernel::Queue& queue, Supplier& supplier, kernel::Log& log,
                                 const kernel::Stop& stop, CrawlOptions options)
    : db_(db), queue_(queue), supplier_(supplier), log_(log), stop_(stop), options_(std::move(options)) {}

PartitionWorker::~PartitionWorker() = default;

Fate PartitionWorker::operator()(const Item& item, const kernel::Lease& lease) {
  settle_touched();
  const Result<WorkItemMessage> work = WorkItemMessage::parse(item.payload_json);
  if (!work) {
    db_.transact([&](Transaction& tx) { queue_.bury(tx, item, work.error().reason); });
    return Fate::buried;
  }
  lease_ = &lease;
  touched_ = work->run_id;
  Fate fate = Fate::again;
  try {
    fate = Crawl(*this, item, *work).run();
  } catch (...) {
    lease_ = nullptr;
    throw;
  }
  lease_ = nullptr;
  settle_touched();
  return fate;
}

void PartitionWorker::check_lease() const {
  if (lease_ != nullptr) lease_->check();
}

/// What it does can be done by whoever comes next: the partition's own end is not undone by it.
void PartitionWorker::tell_ended(const std::string& run_id) {
  if (!options_.on_partition_ended) return;
  try {
    options_.on_partition_ended(run_id);
  } catch (const Error& error) {
    log_.warn("a run was not settled, the next worker does it",
              {{"run_id", run_id}, {"error", error.message()}});
  }
}

void PartitionWorker::settle_touched() {
  if (const auto run = std::exchange(touched_, std::nullopt)) tell_ended(*run);
}

void PartitionWorker::settle_all() {
  touched_.reset();
  const kernel::Rows open = db_.query(
      "SELECT run_id::text AS id FROM feed.run_metadata WHERE status IN ('running', 'settled') ORDER BY created_at");
  for (const kernel::Row row : open) tell_ended(row.text("id"));
}

}  // namespace am::feed
