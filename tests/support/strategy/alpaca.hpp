#pragma once
// The Alpaca that tests talk to: alpaca.py, whose head says what can be asked of it, as a C++ object.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace am::test {

class AlpacaMock {
 public:
  static constexpr std::string_view kKey = "mock-alpaca-key";
  static constexpr std::string_view kSecret = "mock-alpaca-secret";

  /// One POST of an order, whatever became of it.
  struct Post {
    std::string client_order_id;
    std::string body;  ///< JSON
    std::string word;  ///< what it was made of it: "accept", "timeout", …
    int status = 0;    ///< 0: no answer was sent
  };

  /// options: switches as in alpaca_switches.py ("--fill", "none").
  /// Errors:  std::runtime_error: no python3, or not ready in 20 s. A test fails then; it is not skipped.
  explicit AlpacaMock(const std::vector<std::string>& options = {});
  ~AlpacaMock();
  AlpacaMock(const AlpacaMock&) = delete;
  AlpacaMock& operator=(const AlpacaMock&) = delete;

  const std::string& url() const { return url_; }  ///< alpaca.base_url and alpaca.data_url
  std::string stream_url() const;                  ///< alpaca.stream_url
  /// The variables of keys and addresses, for `am` as a process.
  std::map<std::string, std::string> env() const;

  /// {"fill": "none", "place": ["timeout", "403"]}. Errors:  std::runtime_error: refused, with its reason.
  void control(const std::string& json) const;
  /// All that it knows, as JSON.
  std::string state() const;
  /// In the order of their arrival.
  std::vector<Post> posts() const;
  /// Orders that were taken, by client_order_id, as JSON.
  std::map<std::string, std::string> orders() const;
  std::map<std::string, std::string> positions() const;
  /// What is subscribed to on authenticated connections: list ("bars", "trades", "updatedBars") of a stream ("/v2/iex").
  std::vector<std::string> subscribed(const std::string& stream, const std::string& list) const;
  /// Of the streams: "connections", "authenticated", "refused_406", "pings", "subscribes", "most_at_once".
  long long count(const std::string& counter) const;
  /// Of one address: "GET /v2/orders", "all".
  long long requests(const std::string& what) const;
  /// Waits until it holds; false after that long.
  static bool wait(const std::function<bool()>& holds);

 private:
  std::string ask(const std::string& method, const std::string& body) const;
  void end();

  pid_t pid_ = -1;
  int in_ = -1;
  int port_ = 0;
  std::string url_;
};

}  // namespace am::test
