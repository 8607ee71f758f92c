#pragma once
// One connection that is subscribed to all that the engine hears. Private.

#include <chrono>
#include <memory>
#include <string_view>

#include "am/strategy/stream.hpp"
#include "redis_connection.hpp"

namespace am::strategy {

/// Who is told what comes.
class SubscriptionListener {
 public:
  virtual ~SubscriptionListener() = default;
  virtual void on_confirmed() = 0;  ///< all subscriptions hold
  /// A bar, a trade or a control event; the texts hold during the call.
  virtual void on_message(Frame::Kind kind, std::string_view symbol, std::string_view payload) = 0;
  virtual void on_unknown() = 0;  ///< of no channel that was asked for
};

/// Errors:  as Redis; whatever is thrown, the connection is not to be used again.
/// Threads: one.
class Subscription {
 public:
  /// Connected, and asked for; confirmed by what comes.
  Subscription(const RedisTarget& target, std::chrono::milliseconds timeout, SubscriptionListener& listener);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  int socket() const;
  /// Takes in what is there, without waiting; returns how many bytes.
  std::size_t read();
  /// Tells what the bytes say.
  void tell();
  void ping();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace am::strategy
