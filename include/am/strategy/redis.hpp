#pragma once
// Redis: where it is, and a connection for commands: what is published, which symbols are wanted. What is subscribed to
// comes by stream.hpp.

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/error.hpp"

namespace am::strategy {

/// What names a Redis. It holds a secret: only where() may be shown.
struct RedisTarget {
  std::string host = "localhost";
  int port = 6379;
  std::string path{};  ///< of a Unix socket; empty: host and port
  bool tls = false;
  std::string user{}, password{};
  int database = 0;
  std::string where() const;  ///< "localhost:6379", "/run/redis.sock"
};

/// redis://[[user]:password@]host[:port][/database], rediss:// over TLS, redis+unix://[:password@]/path[?db=N], unix:///path.
///
/// Errors:  config, quoting nothing of it: unknown scheme, no host, no port, parameters; rediss:// where this build's
///          hiredis has no TLS.
RedisTarget parse_redis_url(std::string_view url);

/// Whether this build speaks TLS to a Redis.
bool redis_has_tls();

struct RedisTimeouts {
  std::chrono::milliseconds connect{5000}, answer{5000};
};

/// What is published.
struct Publication {
  std::string_view channel, payload;
};

/// A connection for commands: made with the first one, made again when it was lost. A command that met a connection which
/// had been lost meanwhile is sent once more, so what is published can come twice, but is not lost to a restart.
///
/// Errors:  of each call: unavailable (not reached, no answer in time, still loading), denied (wrong or no password, no
///          permission), data (an answer that is none).
/// Threads: one.
class Redis {
 public:
  explicit Redis(RedisTarget target, RedisTimeouts timeouts = {});
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  void ping();
  /// Returns how many subscribers it reached.
  long long publish(std::string_view channel, std::string_view payload);
  /// All at once, in order; returns how many subscribers the last one reached, 0 for none.
  long long publish(std::span<const Publication> publications);
  bool add(std::string_view set, std::string_view member);     ///< whether it was not there
  bool remove(std::string_view set, std::string_view member);  ///< whether it was there
  std::vector<std::string> members(std::string_view set);      ///< sorted

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::strategy
