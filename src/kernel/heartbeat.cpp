#include "am/kernel/heartbeat.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "wait.hpp"

namespace am::kernel {

using std::chrono::milliseconds;

struct Lease::State {
  explicit State(SteadyTime end) : until(end.time_since_epoch().count()) {}
  std::atomic<SteadyTime::rep> until;
  std::atomic<bool> taken{false};  ///< the database said so
  std::atomic<bool> late{false};   ///< this machine's clock did
  std::atomic<bool> let_go{false};

  bool is_over() const { return taken || late || let_go; }
};

Lease::Lease(std::string subject, std::shared_ptr<State> state)
    : subject_(std::move(subject)), state_(std::move(state)) {}

Lease::~Lease() {
  if (state_) state_->let_go = true;
}

bool Lease::held() const noexcept {
  // A renewal that comes late does not give back what somebody was told is lost.
  if (std::chrono::steady_clock::now().time_since_epoch().count() >= state_->until) state_->late = true;
  return !state_->is_over();
}

void Lease::check() const {
  if (held()) return;
  if (state_->taken) {
    throw Error(ErrorKind::busy, subject_ + ": its lease was lost, another process has it or it is over",
                "nothing of this attempt was written")
        .final();
  }
  throw Error(
      ErrorKind::unavailable,
      subject_ + ": its lease was not renewed in time (the database was away, or this process stood still)",
      "run the same command again: it goes on where it stopped");
}

namespace {

/// A renewal that did not succeed is tried again after this part of the lease.
constexpr int kAgainPart = 10;
/// One statement, or one attempt to connect, may take this part of the lease.
constexpr int kPatiencePart = 5;

struct Group {
  milliseconds length;
  SteadyTime due;
  std::vector<std::shared_ptr<Lease::State>> leases;
  Heartbeat::Renew renew;

  bool is_over() const {
    return std::ranges::all_of(leases, [](const auto& lease) { return lease->is_over(); });
  }
};

}  // namespace

/// What the thread and its owner share: nobody waits for a thread that is asleep.
class Heartbeat::Beat {
 public:
  Beat(DbOptions options, Log& log) : options_(std::move(options)), log_(log) {
    options_.stop = &end_of_statements_;
  }

  void add(const std::shared_ptr<Beat>& self, const std::shared_ptr<Group>& group) {
    const std::lock_guard lock(mutex_);
    std::erase_if(groups_, [](const auto& known) { return known->is_over(); });
    groups_.push_back(group);
    if (!thread_.joinable()) {
      thread_ = start_thread([self] { self->run(); });
    } else if (group->due < awake_at_) {
      changed_.notify_one();
    }
  }

  void end() {
    std::thread thread;
    bool asleep = false;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      thread = std::move(thread_);
      asleep = !working_ && !db_;
      changed_.notify_one();
    }
    end_of_statements_.request(SIGTERM);
    if (!thread.joinable()) return;
    if (asleep) {
      thread.detach();  // it only wakes up to end
    } else {
      thread.join();
    }
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      SteadyTime due = SteadyTime::max();
      for (const auto& group : groups_) due = std::min(due, group->due);
      if (due > std::chrono::steady_clock::now()) {
        sleep(lock, due);
        continue;
      }
      std::erase_if(groups_, [](const auto& group) { return group->is_over(); });
      const std::vector<std::shared_ptr<Group>> groups = groups_;
      working_ = true;
      lock.unlock();
      for (const auto& group : groups) {
        if (group->due <= std::chrono::steady_clock::now()) renew(*group);
      }
      lock.lock();
      working_ = false;
    }
    lock.unlock();
    db_.reset();
  }

  /// Whoever is added meanwhile is mostly due later: most of them don't wake it.
  void sleep(std::unique_lock<std::mutex>& lock, SteadyTime due) {
    awake_at_ = due;
    if (due == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, due);
    }
    awake_at_ = SteadyTime::min();
  }

  void renew(Group& group) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < group.leases.size(); ++i) {
      if (!group.leases[i]->is_over()) kept.push_back(i);
    }
    const SteadyTime sent = std::chrono::steady_clock::now();
    const std::optional<std::vector<Renewal>> fates = kept.empty() ? std::nullopt : ask(group, kept);
    bool all = fates.has_value();
    for (std::size_t i = 0; fates && i < kept.size(); ++i) {
      Lease::State& lease = *group.leases[kept[i]];
      const Renewal fate = fates->at(i);
      if (fate == Renewal::renewed) lease.until = (sent + group.length).time_since_epoch().count();
      if (fate == Renewal::lost) lease.taken = true;
      all = all && fate != Renewal::unknown;
    }
    const std::lock_guard lock(mutex_);
    group.due = sent + group.length / (all ? 3 : kAgainPart);
  }

  std::optional<std::vector<Renewal>> ask(const Group& group, std::span<const std::size_t> kept) {
    try {
      if (!db_) {
        DbOptions options = options_;
        const milliseconds patience = std::max(group.length / kPatiencePart, milliseconds(1));
        options.connect_timeout = std::min(options.connect_timeout, patience);
        if (options.statement_timeout > patience || options.statement_timeout.count() == 0)
          options.statement_timeout = patience;
        db_ = open_db(options);
      }
      std::vector<Renewal> fates = group.renew(*db_, kept);
      if (fates.size() != kept.size())
        throw Error(ErrorKind::bug, "heartbeat: an answer for each lease expected");
      failing_ = false;
      return fates;
    } catch (const std::exception& error) {
      if (!failing_ && !end_of_statements_.requested())
        log_.warn("leases could not be renewed, it is tried again", {{"error", error.what()}});
      failing_ = true;
      return std::nullopt;
    }
  }

  Stop end_of_statements_{Stop::Grace{milliseconds(0), milliseconds(0)}};
  DbOptions options_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Group>> groups_;
  bool ending_ = false;
  bool working_ = false;  ///< the thread, with the connection
  SteadyTime awake_at_ = SteadyTime::min();
  std::thread thread_;
  // Of the thread while it works.
  std::unique_ptr<Db> db_;
  bool failing_ = false;
};

Heartbeat::Heartbeat(DbOptions options, Log& log) : beat_(std::make_shared<Beat>(std::move(options), log)) {}

Heartbeat::~Heartbeat() { beat_->end(); }

std::vector<Lease> Heartbeat::hold(milliseconds length, SteadyTime claimed,
                                   const std::vector<std::string>& subjects, Renew renew) {
  auto group = std::make_shared<Group>(Group{length, claimed + length / 3, {}, std::move(renew)});
  std::vector<Lease> leases;
  leases.reserve(subjects.size());
  for (const std::string& subject : subjects) {
    group->leases.push_back(std::make_shared<Lease::State>(claimed + length));
    leases.emplace_back(subject, group->leases.back());
  }
  beat_->add(beat_, group);
  return leases;
}

}  // namespace am::kernel
