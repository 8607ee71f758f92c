#pragma once
// Outgoing HTTP: one request type, one transport interface (libcurl behind it, only src/kernel/http_curl.cpp
// names it), and the client that adds the retry loop, the shared rate limiter and the log around it.
// TLS and certificate checks on; no redirect is followed; bodies are capped; URLs are logged without secrets.
// Every attempt carries its own X-Request-Id.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/log.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/retry.hpp"
#include "am/kernel/stop.hpp"
#include "am/kernel/trace.hpp"

namespace am::kernel {

struct HttpRequest {
  std::string method = "GET";  ///< CONNECT: TCP, proxy and TLS only; nothing is sent, the answer is empty
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{30000};
  std::size_t max_body = 8U << 20U;  ///< bytes of the answer; more is Error{data}
  bool secret_path = false;          ///< the path itself is the key: only scheme and host are logged
  /// Sent once at most, whatever a retry policy says: what came of it is asked for otherwise. On a connection of its own,
  /// since one that was kept may have ended, and libcurl then sends again.
  bool once = false;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
  std::string body{};
  /// First header of that lower-case name.
  std::optional<std::string> header(std::string_view name) const;
};

/// One request, one answer, no retry. Any status is an answer.
/// Errors:  unavailable: no connection, timeout, TLS failure, connection lost. The message names host and
///          port, never the query or a header.
/// Threads: safe from any.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

/// libcurl, loaded when the first request is made (a command that asks nobody does not pay for it).
/// stop: ends a request that is under way, after a moment (as Stop::check); null: nothing does.
std::unique_ptr<Transport> make_curl_transport(std::string user_agent, const Stop* stop = nullptr);
/// Loads libcurl and says which it is: "libcurl/8.14.1 OpenSSL/3.5.1 …". Errors: config, as a first request.
std::string http_library();

/// The URL as it may be logged: user info removed, the values of apikey, key, token, secret, password and
/// signature parameters replaced by ***.
std::string loggable_url(std::string_view url);
/// Of a URL whose path is the secret: "https://hc-ping.com/***".
std::string loggable_host(std::string_view url);
/// Percent-encodes one query value.
std::string url_encode(std::string_view value);

/// What a vendor's client makes of an answer that arrived.
struct Verdict {
  enum class Kind { accept, retry, limit, fail } kind = Kind::accept;
  /// For retry, limit and fail: what to report; may hold the vendor's words, which come masked (secret_mask.hpp).
  std::string problem{};
  /// For retry (once the attempts are used up) and fail. A limit always ends as deferred, with its
  /// not_before.
  ErrorKind error = ErrorKind::unavailable;
  std::string hint{};
  /// For retry: the wait before the next attempt instead of the policy's. For limit: the pause (default 60
  /// s).
  std::optional<std::chrono::milliseconds> wait{};
};

/// 2xx accept; 408 425 5xx retry; 429 limit (Retry-After honoured, seconds or date, an hour at most);
/// 401 403 denied; else data.
Verdict judge_status(const HttpResponse& response);

/// What a request waits for before it is sent.
enum class WaitFor { budget, attempt };

class HttpClient {
 public:
  struct Options {
    std::string vendor;                      ///< "alpha-vantage": in errors and logs
    std::optional<std::string> limit_key{};  ///< rate-limit key; none: not limited
    RetryPolicy retry{};
    /// Longest wait within one request for the limiter; and for what the vendor asks for, when no limiter waits for it.
    std::chrono::milliseconds max_wait{90000};
    std::optional<Trace> trace{};  ///< goes with every request
  };
  /// limiter may be null when there is no limit_key.
  HttpClient(Transport& transport, RateLimiter* limiter, Log& log, const Stop& stop, Options options);

  /// Takes a reserved slot (or reserves one), sends, judges, and retries by the policy. Every attempt is
  /// charged, and ended when it has its answer. `judge` sees each answer (default: judge_status).
  /// Errors:  as the last verdict or transport error says; Error{deferred} with not_before when the budget is
  ///          spent or the key is paused for longer than max_wait.
  HttpResponse send(const HttpRequest& request,
                    const std::function<Verdict(const HttpResponse&)>& judge = judge_status);
  /// Holds so many reserved requests from now on, so that a run either starts or defers as a whole (fewer, when a window
  /// is smaller: RateLimiter::reserve).
  void reserve(int requests);
  /// Gives back what was reserved and not sent. Without it, it expires within a minute.
  void release();
  /// Called before every attempt, one at a time, after the wait for the limiter (leases are renewed here;
  /// whoever lost its lease throws and does not send).
  void on_attempt(std::function<void()> hook) { hook_ = std::move(hook); }
  /// Called every second or more often while a send or reserve waits, for the limiter or before the next attempt, one at
  /// a time (leases are renewed here too; what it throws ends the wait).
  void on_wait(std::function<void(WaitFor)> hook) { wait_hook_ = std::move(hook); }

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// The slot that is charged for a request of that length; none: not limited.
  std::optional<long long> charge(std::chrono::milliseconds longest);
  void end(const std::optional<long long>& slot, bool answered);
  void take(Lock& lock, int requests);
  /// waited: what the vendor asked for within this request so far.
  Attempt refused(const Verdict& found, std::chrono::milliseconds& waited);

  Transport& transport_;
  RateLimiter* limiter_;
  Log& log_;
  const Stop& stop_;
  Options options_;
  std::function<void()> hook_;
  std::function<void(WaitFor)> wait_hook_;
  std::mutex mutex_;  // limiter, hooks and reserved_: one connection serves them. Nobody sleeps with it.
  std::vector<long long> reserved_;
};

}  // namespace am::kernel
