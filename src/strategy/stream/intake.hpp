#pragma once
// How what comes from Redis gets into the ring: one connection, read by whoever has the time. The consumer reads it when
// it has nothing else to do, so that no other thread has to be woken for a message; a thread, the keeper, reads what the
// consumer has no time for, connects, and notices silence. Private.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "am/strategy/stream.hpp"
#include "backlog.hpp"
#include "doorbell.hpp"
#include "redis_subscription.hpp"
#include "ring.hpp"

namespace am::strategy {

/// A number that one thread at a time counts and others read.
class Count {
 public:
  void add(std::uint64_t more = 1) { set(get() + more); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Threads: read and has_next, next of the ring are the consumer's; the others any thread's.
class Intake final : public SubscriptionListener {
 public:
  explicit Intake(const StreamOptions& options);
  ~Intake() override;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  Ring& ring() { return ring_; }
  Doorbell& bell() { return bell_; }
  /// What is there now, without waiting.
  void read();

  StreamCounts counts() const;
  std::string problem() const;
  std::string where() const { return target_.where(); }

 private:
  void keep();
  void connect();
  bool read_some();
  void watch_silence();
  void lost(const Error& error);
  void put(const Frame& frame);
  void hand_over();
  void on_confirmed() override;
  void on_message(Frame::Kind kind, std::string_view symbol, std::string_view payload) override;
  void on_unknown() override { unknown_.add(); }

  const StreamOptions options_;
  const RedisTarget target_;
  Ring ring_;
  const std::size_t market_limit_;
  Doorbell bell_;
  Count bars_, trades_, controls_, bytes_, coalesced_, dropped_, too_large_, unknown_, connects_,
      failed_connects_, silences_, peak_bytes_;
  std::atomic<bool> is_confirmed_{false};

  mutable std::mutex mutex_;  ///< of all that follows
  std::condition_variable ending_;
  bool ends_ = false;
  std::unique_ptr<Subscription> subscription_;
  Backlog backlog_;
  SteadyTime read_at_{}, heard_at_{}, connected_at_{}, next_connect_{};
  std::optional<SteadyTime> asked_at_{};  ///< a PING that nothing was heard after
  std::optional<SteadyTime> confirmed_at_{};
  bool is_told_ = false;    ///< the consumer knows that there is no connection
  std::uint64_t rung_ = 0;  ///< of what is written, the bell rang for so much
  int failures_ = 0;
  std::string problem_;
  std::minstd_rand random_{std::random_device{}()};
  std::thread keeper_;  ///< the last: it uses the others
};

}  // namespace am::strategy
