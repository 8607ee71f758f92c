#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/feed/crawl.hpp"
#include "am/feed/runs.hpp"
#include "am/kernel/drain.hpp"
#include "cli/commands.hpp"
#include "cli/work_outcome.hpp"
#include "feed_commands.hpp"
#include "partition_queue.hpp"
#include "supplier_parts.hpp"
#include "tick.hpp"

namespace am::cli {

namespace {

using kernel::Drained;

struct PartitionWorkOptions {
  std::optional<int> parallel, most;
  bool watch = false;
  std::optional<std::string> queue;
};

void flags(Flags& f, PartitionWorkOptions& o) {
  f.integer("--parallel", o.parallel, 1, 30, "so many partitions at once");
  f.integer("--max-partitions", o.most, 1, 1000000, "end after so many");
  f.on("--watch", o.watch,
       "when the queue is empty look again every FEED_POLL_INTERVAL seconds, until asked to end");
  f.text("--queue", o.queue, "KIND", "what tells of partitions: postgres or amqp (default: feed.queue)");
}

/// How many partitions may still be begun, by all threads.
class Allowance {
 public:
  explicit Allowance(std::optional<int> most) : left_(most.value_or(0)), limited_(most.has_value()) {}
  bool is_limited() const { return limited_; }
  bool is_spent() const { return limited_ && left_.load() <= 0; }
  bool take() {
    if (left_.fetch_sub(1) > 0) return true;
    give_back();
    return false;
  }
  void give_back() { left_.fetch_add(1); }

 private:
  std::atomic<int> left_;
  const bool limited_;
};

std::string worker_name(int thread) {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return std::string(host) + "/" + std::to_string(getpid()) + "/" + std::to_string(thread);
}

/// What one thread works with: a connection, and a supplier of its own.
class Hand {
 public:
  Hand(Context& context, kernel::Heartbeat& heartbeat, feed::NivodaTokens& tokens,
       const std::string& queue_kind, const std::string& worker_id)
      : context_(context),
        heartbeat_(heartbeat),
        db_(kernel::open_db(context.db_options())),
        queue_(partition_queue(context, queue_kind, *db_)),
        limiter_(*db_, context.stop, context.rate_limits()),
        client_(context.transport(), &limiter_, context.log, context.stop,
                {.vendor = kNivoda,
                 .limit_key = kNivoda,
                 .retry = feed::nivoda_retry(),
                 .max_wait = context.options.max_wait,
                 .trace = context.trace}),
        nivoda_(client_, tokens, nivoda_options(context)),
        worker_(*db_, *queue_, nivoda_, context.log, context.stop,
                {.page_size = static_cast<int>(context.config.integer("feed.page_size")),
                 .worker_id = worker_id,
                 .asked_at = [this] { return asked_at_; },
                 .on_partition_ended = [this](const std::string& run) { feed::settle(*db_, run); }}) {
    client_.on_attempt([this] {
      if (context_.environment.probe) context_.environment.probe("vendor call");
      worker_.check_lease();
      asked_at_ = feed::database_now(*db_);
    });
    client_.on_wait([this](kernel::WaitFor /*what*/) { worker_.check_lease(); });
  }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  /// Until no partition is ready, or no more may be begun.
  Drained work(Allowance& allowance) {
    if (!allowance.is_limited()) return drain({});
    Drained sum;
    while (allowance.take()) {
      const Drained one = drain({.most = 1});
      add(sum, one);
      if (taken(one) == 0) allowance.give_back();
      if (taken(one) == 0 || one.released > 0 || context_.stop.requested()) break;
    }
    return sum;
  }

  void settle_all() { worker_.settle_all(); }

 private:
  Drained drain(const kernel::DrainOptions& options) {
    return kernel::drain(
        *queue_, *db_, heartbeat_, context_.log, context_.stop, options,
        [this](const kernel::Item& item, const kernel::Lease& lease) { return worker_(item, lease); });
  }

  Context& context_;
  kernel::Heartbeat& heartbeat_;
  std::unique_ptr<kernel::Db> db_;
  std::unique_ptr<kernel::Queue> queue_;
  Instant asked_at_{};
  kernel::RateLimiter limiter_;
  kernel::HttpClient client_;
  feed::Nivoda nivoda_;
  feed::PartitionWorker worker_;
};

/// Once through the queue, by all hands.
Drained work_together(std::vector<std::unique_ptr<Hand>>& hands, Allowance& allowance) {
  Drained sum;
  std::exception_ptr failed;
  std::mutex mutex;
  const auto work = [&](Hand& hand) {
    try {
      const Drained drained = hand.work(allowance);
      const std::lock_guard lock(mutex);
      add(sum, drained);
    } catch (...) {  // the others end with what they have begun, and meet the same if it meets all
      const std::lock_guard lock(mutex);
      if (!failed) failed = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < hands.size(); ++i) threads.emplace_back(work, std::ref(*hands[i]));
  work(*hands[0]);
  for (std::thread& thread : threads) thread.join();
  if (failed) std::rethrow_exception(failed);
  return sum;
}

Outcome run(const PartitionWorkOptions& o, Context& context) {
  const std::string kind = o.queue.value_or(context.config.text("feed.queue"));
  if (kind != "postgres" && kind != "amqp")
    throw Error(ErrorKind::usage, "--queue " + shown(kind) + ": unknown (expected postgres or amqp)");
  context.job_db();  // its schema and encoding are checked once
  kernel::DbOptions own = context.db_options();
  own.application_name = "am heartbeat";
  own.probe = nullptr;  // it counts what the command itself does
  kernel::Heartbeat heartbeat(std::move(own), context.log);
  const auto tokens = nivoda_tokens(context);
  std::vector<std::unique_ptr<Hand>> hands;
  for (int i = 0; i < o.parallel.value_or(1); ++i)
    hands.push_back(std::make_unique<Hand>(context, heartbeat, *tokens, kind, worker_name(i + 1)));
  const auto poll = std::chrono::seconds(context.config.integer("feed.poll_interval_s"));
  Allowance allowance(o.most);
  Drained sum;
  for (;;) {
    try {
      add(sum, work_together(hands, allowance));
      if (!context.stop.requested()) {
        hands[0]->settle_all();
        tell_failed_runs(context);
      }
    } catch (const Error& error) {  // who watches outlasts a database, a broker that is away for a while
      if (!o.watch || !error.retryable() || context.stop.requested()) throw;
      context.log.warn("work was broken off, it goes on after a while", {{"error", error.message()}});
    }
    if (!o.watch || context.stop.requested() || allowance.is_spent()) break;
    try {
      context.stop.sleep(poll);
    } catch (const Error&) {  // asked to end: that is how it ends
      break;
    }
  }
  if (!o.watch) context.stop.check();
  return outcome_of_work(sum, "no partition is ready");
}

}  // namespace

Command feed_work() {
  return make_command<PartitionWorkOptions>(
      {.path = "feed work",
       .summary = "fetch queued partitions of a supplier's inventory until none is ready",
       .details =
           "As many at once as you like: no partition is claimed by two, and one whose worker died goes on at the page where "
           "that one was. All workers share one budget of requests (NIVODA_RATE), and those of a host one login. A partition "
           "whose attempts are used up is dead, and so is one that was queued more than 24 hours ago; am feed retry queues it "
           "again.",
       .examples = {"am feed work", "am feed work --parallel 4", "am feed work --watch --queue amqp"},
       .exits = {ExitCode::partial, ExitCode::data, ExitCode::no_input, ExitCode::needs_human,
                 ExitCode::deferred, ExitCode::denied, ExitCode::failure},
       .config = {"database.url", "feed", "nivoda", "amqp.connection_string", "http.connect_timeout_ms"},
       .streams = true},
      flags, run);
}

}  // namespace am::cli
