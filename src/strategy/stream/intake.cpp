#include "intake.hpp"

#include <algorithm>
#include <utility>

#include "am/kernel/retry.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

/// How long messages may lie in the socket while the consumer has no time. Redis and the kernel keep some megabytes.
constexpr milliseconds kTick{20};
constexpr milliseconds kBusyTick{2};      // how soon the backlog sees that there is room again
constexpr std::chrono::seconds kHeld{5};  // a connection that lasted so long begins the waits anew
constexpr int kMostReads = 1000;          // 16 MB: what one tick reads at most

}  // namespace

Intake::Intake(const StreamOptions& options)
    : options_(options),
      target_(parse_redis_url(options.url)),
      ring_(options.ring_bytes),
      market_limit_(ring_.capacity() / 4 * 3),
      backlog_(ring_.capacity() / 2),
      keeper_([this] { keep(); }) {}

Intake::~Intake() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  ending_.notify_all();
  keeper_.join();
}

void Intake::keep() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    milliseconds nap = kTick;
    if (subscription_) {
      for (int reads = 0; reads < kMostReads && read_some(); ++reads) {
        lock.unlock();  // the consumer may want to read, too
        lock.lock();
      }
      watch_silence();
    } else if (steady_now() >= next_connect_) {
      lock.unlock();
      connect();
      lock.lock();
      continue;
    } else {
      nap = std::clamp(std::chrono::ceil<milliseconds>(next_connect_ - steady_now()), milliseconds(0), kTick);
    }
    hand_over();
    ending_.wait_for(lock, backlog_.is_empty() ? nap : kBusyTick, [this] { return ends_; });
  }
}

void Intake::connect() {
  try {
    auto made = std::make_unique<Subscription>(target_, options_.connect, *this);
    const std::lock_guard lock(mutex_);
    bell_.watch(made->socket());
    subscription_ = std::move(made);
    heard_at_ = connected_at_ = steady_now();
    confirmed_at_.reset();
    asked_at_.reset();
  } catch (const Error& error) {
    const std::lock_guard lock(mutex_);
    confirmed_at_.reset();
    lost(error);
  }
}

/// One read, as much as the library takes. False: nothing more is there.
bool Intake::read_some() {
  if (!subscription_) return false;
  try {
    const std::size_t came = subscription_->read();
    if (came == 0) return false;
    read_at_ = heard_at_ = steady_now();
    bytes_.add(came);
    asked_at_.reset();
    subscription_->tell();
    hand_over();
    return true;
  } catch (const Error& error) {
    lost(error);
    return false;
  }
}

void Intake::read() {
  const std::lock_guard lock(mutex_);
  read_some();
}

/// PING is for a connection on which nothing comes.
void Intake::watch_silence() {
  if (!subscription_) return;
  const SteadyTime now = steady_now();
  try {
    if (!confirmed_at_ && now > connected_at_ + options_.connect)
      throw Error(ErrorKind::unavailable, "redis " + target_.where() + ": no subscription in time");
    if (asked_at_ && now > *asked_at_ + options_.ping_answer) {
      silences_.add();
      throw Error(ErrorKind::unavailable, "redis " + target_.where() + ": no answer to a PING in time");
    }
    if (asked_at_ || now < heard_at_ + options_.ping_every) return;
    subscription_->ping();
    asked_at_ = now;
  } catch (const Error& error) {
    lost(error);
  }
}

void Intake::lost(const Error& error) {
  subscription_.reset();
  is_confirmed_ = false;
  const SteadyTime now = steady_now();
  if (!confirmed_at_) failed_connects_.add();
  if (confirmed_at_ && now > *confirmed_at_ + kHeld) failures_ = 0;
  const double uniform = std::uniform_real_distribution<>(0, 1)(random_);
  next_connect_ = now + kernel::retry_delay({.base = options_.first_wait, .cap = options_.most_wait},
                                            failures_++, uniform);
  problem_ = error.message();
  if (!std::exchange(is_told_, true))
    put({.kind = Frame::Kind::disconnected, .payload = {error.message()}, .read_at = now});
  hand_over();
}

void Intake::put(const Frame& frame) {
  const bool is_market = frame.kind == Frame::Kind::bar || frame.kind == Frame::Kind::trade;
  if (backlog_.is_empty() && ring_.push(frame, is_market ? market_limit_ : ring_.capacity())) return;
  backlog_.add(frame);
}

/// What waits for room, then the bell.
void Intake::hand_over() {
  if (!backlog_.is_empty()) backlog_.drain(ring_, market_limit_);
  coalesced_.set(backlog_.coalesced());
  dropped_.set(backlog_.dropped());
  peak_bytes_.set(std::max<std::uint64_t>(peak_bytes_.get(), ring_.used()));
  if (std::exchange(rung_, ring_.written()) != ring_.written()) bell_.ring();
}

void Intake::on_confirmed() {
  confirmed_at_ = read_at_;
  is_confirmed_ = true;
  is_told_ = false;
  connects_.add();
  problem_.clear();
  put({.kind = Frame::Kind::connected, .read_at = read_at_});
}

void Intake::on_message(Frame::Kind kind, std::string_view symbol, std::string_view payload) {
  if (payload.size() > kMostMessageBytes) return too_large_.add();
  (kind == Frame::Kind::bar ? bars_ : kind == Frame::Kind::trade ? trades_ : controls_).add();
  put({.kind = kind, .symbol = symbol, .payload = {payload}, .read_at = read_at_});
}

StreamCounts Intake::counts() const {
  return {.bars = bars_.get(),
          .trades = trades_.get(),
          .controls = controls_.get(),
          .bytes = bytes_.get(),
          .coalesced = coalesced_.get(),
          .dropped = dropped_.get(),
          .too_large = too_large_.get(),
          .unknown = unknown_.get(),
          .connects = connects_.get(),
          .failed_connects = failed_connects_.get(),
          .silences = silences_.get(),
          .peak_bytes = peak_bytes_.get(),
          .is_connected = is_confirmed_};
}

std::string Intake::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace am::strategy
