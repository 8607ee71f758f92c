#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "am/kernel/retry.hpp"
#include "am/strategy/stream.hpp"
#include "backlog.hpp"
#include "doorbell.hpp"
#include "redis_subscription.hpp"
#include "ring.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

constexpr milliseconds kBusyTick{2};      // how soon the backlog sees that there is room again
constexpr milliseconds kLongTick{100};    // how soon the reader sees that it is to end, or that a PING is due
constexpr std::chrono::seconds kHeld{5};  // a connection that lasted so long begins the waits anew

/// A number that one thread counts and others read.
class Count {
 public:
  void add(std::uint64_t more = 1) { set(get() + more); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace

struct MarketStream::Impl final : SubscriptionListener {
  explicit Impl(const StreamOptions& wanted)
      : options(wanted),
        target(parse_redis_url(wanted.url)),
        ring(wanted.ring_bytes),
        market_limit(ring.capacity() / 4 * 3),
        backlog(ring.capacity() / 2),
        reader([this] { read_until_stopped(); }) {}
  ~Impl() override {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    stopped.notify_all();
    reader.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Of the reader.
  void read_until_stopped();
  void hold_connection();
  void lost(const Error& error);
  void pause(milliseconds length);
  void put(const Frame& frame);
  void on_confirmed() override;
  void on_message(Frame::Kind kind, std::string_view symbol, std::string_view payload) override;
  void on_unknown() override { unknown.add(); }
  void hand_over();

  // Of the consumer.
  bool has_something() { return ring.has_next() || woken.load(std::memory_order_seq_cst); }

  const StreamOptions options;
  const RedisTarget target;
  Ring ring;
  const std::size_t market_limit;
  Doorbell bell;
  std::atomic<bool> woken{false}, stopping{false}, confirmed{false};

  // The reader's own.
  Backlog backlog;
  SteadyTime read_at{}, heard_at{};
  std::optional<SteadyTime> asked_at{};  ///< a PING that nothing was heard after
  std::optional<SteadyTime> confirmed_at{};
  bool is_told = false;  ///< the consumer knows that there is no connection
  int failures = 0;
  std::uint64_t told = 0;  ///< of what is written, the consumer was called for so much
  std::minstd_rand random{std::random_device{}()};

  Count bars, trades, controls, bytes, coalesced, dropped, too_large, unknown, connects, failed_connects,
      silences, peak_bytes;
  mutable std::mutex mutex;  ///< of problem
  std::condition_variable stopped;
  std::string problem;
  std::thread reader;  ///< the last: it uses the others
};

void MarketStream::Impl::read_until_stopped() {
  while (!stopping) {
    try {
      hold_connection();
    } catch (const Error& error) {
      lost(error);
    }
    const double uniform = std::uniform_real_distribution<>(0, 1)(random);
    pause(kernel::retry_delay({.base = options.first_wait, .cap = options.most_wait}, failures++, uniform));
  }
}

void MarketStream::Impl::hold_connection() {
  confirmed_at.reset();
  asked_at.reset();
  Subscription subscription(target, options.connect, *this);
  const milliseconds tick = std::clamp(options.ping_answer / 5, kBusyTick, kLongTick);
  subscription.set_wait(tick);
  heard_at = steady_now();
  const SteadyTime until = heard_at + options.connect;
  bool was_behind = false;
  while (!stopping) {
    if (was_behind != !backlog.is_empty()) {
      was_behind = !was_behind;
      subscription.set_wait(was_behind ? kBusyTick : tick);
    }
    const std::size_t came = subscription.read();
    read_at = steady_now();
    if (came > 0) {
      bytes.add(came);
      heard_at = read_at;
      asked_at.reset();
      subscription.tell();
    }
    hand_over();
    if (!confirmed_at && read_at > until) throw Error(ErrorKind::unavailable, "no subscription in time");
    if (asked_at && read_at > *asked_at + options.ping_answer) {
      silences.add();
      throw Error(ErrorKind::unavailable, "redis " + target.where() + ": no answer to a PING in time");
    }
    if (!asked_at && read_at > heard_at + options.ping_every) {
      subscription.ping();
      asked_at = read_at;
    }
  }
}

void MarketStream::Impl::lost(const Error& error) {
  if (confirmed_at && steady_now() > *confirmed_at + kHeld) failures = 0;
  if (!confirmed_at) failed_connects.add();
  confirmed = false;
  {
    const std::lock_guard lock(mutex);
    problem = error.message();
  }
  if (is_told) return;
  is_told = true;
  put({.kind = Frame::Kind::disconnected, .payload = {error.message()}, .read_at = steady_now()});
  hand_over();
}

void MarketStream::Impl::pause(milliseconds length) {
  const SteadyTime until = steady_now() + length;
  std::unique_lock lock(mutex);
  while (!stopping && steady_now() < until) {
    lock.unlock();
    hand_over();
    lock.lock();
    const milliseconds step = backlog.is_empty() ? length : kBusyTick;
    stopped.wait_until(lock, std::min(until, steady_now() + step), [this] { return stopping.load(); });
  }
}

void MarketStream::Impl::put(const Frame& frame) {
  const bool is_market = frame.kind == Frame::Kind::bar || frame.kind == Frame::Kind::trade;
  if (backlog.is_empty() && ring.push(frame, is_market ? market_limit : ring.capacity())) return;
  backlog.add(frame);
}

void MarketStream::Impl::on_confirmed() {
  confirmed_at = read_at;
  confirmed = true;
  is_told = false;
  connects.add();
  {
    const std::lock_guard lock(mutex);
    problem.clear();
  }
  put({.kind = Frame::Kind::connected, .read_at = read_at});
}

void MarketStream::Impl::on_message(Frame::Kind kind, std::string_view symbol, std::string_view payload) {
  if (payload.size() > kMostMessageBytes) return too_large.add();
  (kind == Frame::Kind::bar ? bars : kind == Frame::Kind::trade ? trades : controls).add();
  put({.kind = kind, .symbol = symbol, .payload = {payload}, .read_at = read_at});
}

/// What waits for room, then the bell.
void MarketStream::Impl::hand_over() {
  if (!backlog.is_empty()) backlog.drain(ring, market_limit);
  coalesced.set(backlog.coalesced());
  dropped.set(backlog.dropped());
  peak_bytes.set(std::max<std::uint64_t>(peak_bytes.get(), ring.used()));
  if (std::exchange(told, ring.written()) != ring.written()) bell.ring();
}

MarketStream::MarketStream(const StreamOptions& options) : impl_(std::make_unique<Impl>(options)) {}
MarketStream::~MarketStream() = default;

std::optional<Frame> MarketStream::next() { return impl_->ring.next(); }

bool MarketStream::wait(SteadyTime until) {
  while (!impl_->has_something()) {
    impl_->bell.lie_down(Doorbell::Bed::futex);
    if (!impl_->has_something()) impl_->bell.sleep(until);
    impl_->bell.get_up();
    if (!impl_->has_something() && steady_now() >= until) return false;
  }
  impl_->woken.exchange(false);
  return true;
}

int MarketStream::descriptor() const { return impl_->bell.descriptor(); }

bool MarketStream::prepare_to_poll() {
  impl_->bell.lie_down(Doorbell::Bed::descriptor);
  if (!impl_->has_something()) return true;
  polled();
  return false;
}

void MarketStream::polled() {
  impl_->bell.get_up_from_descriptor();
  impl_->woken.exchange(false);
}

void MarketStream::wake() noexcept {
  impl_->woken.store(true, std::memory_order_seq_cst);
  impl_->bell.ring();
}

StreamCounts MarketStream::counts() const {
  const Impl& from = *impl_;
  return {.bars = from.bars.get(),
          .trades = from.trades.get(),
          .controls = from.controls.get(),
          .bytes = from.bytes.get(),
          .coalesced = from.coalesced.get(),
          .dropped = from.dropped.get(),
          .too_large = from.too_large.get(),
          .unknown = from.unknown.get(),
          .connects = from.connects.get(),
          .failed_connects = from.failed_connects.get(),
          .silences = from.silences.get(),
          .peak_bytes = from.peak_bytes.get(),
          .is_connected = from.confirmed};
}

std::string MarketStream::problem() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->problem;
}

std::string MarketStream::where() const { return impl_->target.where(); }

}  // namespace am::strategy
