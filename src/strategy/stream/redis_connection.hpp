#pragma once
// One connection to a Redis that is logged in. Private; only redis_*.cpp know the library.

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/strategy/redis.hpp"

struct redisContext;  // NOLINT(readability-identifier-naming): hiredis's own

namespace am::strategy {

/// An answer.
struct RedisReply {
  enum class Kind { text, integer, list, none } kind = Kind::none;
  std::string text{};
  long long integer = 0;
  std::vector<std::string> list{};
};

/// Errors:  as Redis, each with where it is in front.
class RedisConnection {
 public:
  RedisConnection(const RedisTarget& target, const RedisTimeouts& timeouts);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  RedisReply command(std::span<const std::string_view> words);
  /// Puts it behind what is to be sent; its answer comes by receive().
  void append(std::span<const std::string_view> words);
  RedisReply receive();

  redisContext& context() { return *context_; }
  void set_timeout(std::chrono::milliseconds timeout);
  /// Throws what the library says about a connection that failed.
  [[noreturn]] void fail();
  /// It failed because no answer came in time.
  bool was_late() const { return late_; }
  /// What the server says instead of an answer.
  Error refusal(std::string_view text) const;

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  void log_in(const RedisTarget& target);

  std::string where_;
  bool late_ = false;
  std::unique_ptr<redisContext, Close> context_;
};

/// TLS over a connected socket, with the certificate and the host's name checked against the system's authorities.
void start_redis_tls(redisContext& context, const std::string& host);

}  // namespace am::strategy
