#pragma once
// The diamond supplier that tests talk to: standin.mjs, whose head says what can be asked of it, as a C++ object.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/feed/node_program.hpp"

namespace am::test {

struct StandinCounters {
  long long requests = 0;  ///< all that came, also those that were refused or got no answer
  long long login_requests = 0;
  long long count_requests = 0;
  long long page_requests = 0;
  long long most_in_a_second = 0;  ///< requests of the busiest second, wherever it begins
  long long refused_by_rate = 0;
  long long logins = 0;
  long long logins_refused = 0;
  long long unauthorized = 0;  ///< requests with no token that holds
  long long pages_different = 0;
  long long pages_again = 0;               ///< answered before, by filter, order and offset
  std::map<std::string, long long> traps;  ///< how often each went off
  long long stones = 0;
  long long on_sale = 0;
};

class Standin {
 public:
  static constexpr std::string_view kUser = "crawler@example.com";
  static constexpr std::string_view kPassword = "carats";
  /// What each token begins with: for tests that look for one where none may be.
  static constexpr std::string_view kTokenPrefix = "standin-token-";

  /// options: of the command line ("--stones", "2000", "--short-pages", "0.1").
  /// Errors:  std::runtime_error: see NodeProgram. A test fails then; it is not skipped.
  explicit Standin(const std::vector<std::string>& options = {});

  const std::string& endpoint() const { return endpoint_; }
  /// NIVODA_ENDPOINT, NIVODA_USERNAME, NIVODA_PASSWORD.
  std::map<std::string, std::string> env() const;

  /// {"short_pages": 0.1, "sell": 3}. Errors:  std::runtime_error: refused, with its reason.
  void control(const std::string& json) const;
  StandinCounters counters() const;
  /// The supplier's ids, sorted.
  std::vector<std::string> on_sale() const;
  /// Those that were on sale since the start, or since {"mark": true}, without a break and at one price.
  std::vector<std::string> staying() const;
  /// {"on_sale": …, "changed": …, "item": {…}}
  std::string stone(const std::string& id) const;

 private:
  std::string ask(const std::string& method, const std::string& target, const std::string& body = {}) const;
  std::vector<std::string> ids(const std::string& target) const;

  NodeProgram program_;
  std::string endpoint_;
  int port_ = 0;
};

}  // namespace am::test
