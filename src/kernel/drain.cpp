#include "am/kernel/drain.hpp"

#include <algorithm>
#include <set>

namespace am::kernel {

namespace {

class Worker {
 public:
  Worker(Queue& queue, Db& db, Heartbeat& heartbeat, Log& log, const Stop& stop, const DrainOptions& options,
         const Work& work)
      : queue_(queue),
        db_(db),
        heartbeat_(heartbeat),
        log_(log),
        stop_(stop),
        options_(options),
        work_(work) {}

  Drained run() {
    const SteadyTime begun = std::chrono::steady_clock::now();
    const auto is_over = [&] {
      return stop_.requested() || ending_ ||
             (options_.time_limit && std::chrono::steady_clock::now() - begun >= *options_.time_limit);
    };
    std::size_t left = options_.most.value_or(SIZE_MAX);
    while (left > 0 && !is_over()) {
      const SteadyTime claimed = std::chrono::steady_clock::now();
      const std::vector<Item> items =
          queue_.claim(std::min(left, std::max<std::size_t>(options_.claimed_at_once, 1)));
      if (items.empty()) break;
      left -= items.size();
      std::vector<std::string> subjects;
      for (const Item& item : items)
        subjects.push_back("queue " + std::string(queue_.spec().name) + ", item " + item.key);
      const std::vector<Lease> leases =
          heartbeat_.hold(queue_.spec().lease, claimed, subjects, queue_.renewer(items));
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (is_over()) {
          give_back(std::span(items).subspan(i));
          break;
        }
        do_item(items[i], leases[i], std::span(items).subspan(i));
      }
    }
    return drained_;
  }

 private:
  /// rest: the item, and those that were claimed with it and not begun.
  void do_item(const Item& item, const Lease& lease, std::span<const Item> rest) {
    const Log::Scope scope(
        log_, {{"queue", queue_.spec().name}, {"item", item.key}, {"retry_count", item.attempt - 1}});
    if (!lease.held()) return lose();
    try {
      count(work_(item, lease));
    } catch (const Error& error) {
      came_to(item, error, rest);
    } catch (const std::exception& error) {
      came_to(item, Error(ErrorKind::bug, std::string("internal error: ") + error.what(), "please report it"),
              rest);
    }
  }

  void came_to(const Item& item, const Error& error, std::span<const Item> rest) {
    switch (error.kind()) {
      case ErrorKind::interrupted:
      case ErrorKind::terminated:
        ending_ = true;
        return give_back(rest.first(1));  // the loop gives back the others
      case ErrorKind::config:
      case ErrorKind::denied:
        give_back(rest);
        throw Error(error);
      case ErrorKind::deferred:
        if (error.not_before()) return put_off(item, error);
        break;
      default:
        break;
    }
    fail(item, error);
  }

  void fail(const Item& item, const Error& error) {
    Fate fate = Fate::again;
    try {
      db_.transact([&](Transaction& tx) { fate = queue_.fail(tx, item, error); });
    } catch (const Error& refused) {
      if (refused.kind() == ErrorKind::busy) return lose();
      throw;
    }
    note(error);
    log_.warn(
        fate == Fate::dead ? "item is dead: its attempts are used up" : "item failed, it is tried again",
        {{"error", error.message()}});
    count(fate);
  }

  /// A budget is spent, or something is not there yet: no fault of the item's. One that is ready again at once (its
  /// not_before is over already) is not taken twice.
  void put_off(const Item& item, const Error& error) {
    note(error);
    if (!put_off_.insert(item.id).second) ending_ = true;
    log_.info("item put off", {{"error", error.message()}});
    db_.transact([&](Transaction& tx) { queue_.release(tx, std::span(&item, 1), error.not_before()); });
    ++drained_.released;
  }

  void give_back(std::span<const Item> items) {
    try {
      db_.transact([&](Transaction& tx) { queue_.release(tx, items); });
    } catch (const Error& error) {  // their leases end by themselves
      log_.warn("items could not be given back, they are ready when their leases end",
                {{"error", error.message()}});
    }
    drained_.released += items.size();
  }

  void lose() {
    log_.warn("item lost: its lease was over before it was finished");
    ++drained_.lost;
  }

  void count(Fate fate) {
    switch (fate) {
      case Fate::done:
        ++drained_.done;
        return;
      case Fate::again:
        ++drained_.again;
        return;
      case Fate::dead:
        ++drained_.dead;
        return;
      case Fate::buried:
        ++drained_.buried;
        return;
    }
  }

  void note(const Error& error) {
    if (!drained_.worst || worse(drained_.worst->exit_code(), error.exit_code()) == error.exit_code())
      drained_.worst = error;
  }

  Queue& queue_;
  Db& db_;
  Heartbeat& heartbeat_;
  Log& log_;
  const Stop& stop_;
  const DrainOptions& options_;
  const Work& work_;
  bool ending_ = false;
  std::set<long long> put_off_;
  Drained drained_;
};

}  // namespace

ExitCode Drained::exit_code() const {
  if (dead > 0) return ExitCode::needs_human;
  if (buried > 0) return ExitCode::partial;
  return worst ? worst->exit_code() : ExitCode::ok;
}

Drained drain(Queue& queue, Db& db, Heartbeat& heartbeat, Log& log, const Stop& stop,
              const DrainOptions& options, const Work& work) {
  return Worker(queue, db, heartbeat, log, stop, options, work).run();
}

}  // namespace am::kernel
