#pragma once
// A Transport that answers from a script. A request that the script does not expect fails the test and
// throws; so does, at the end, an expected request that never came. The loopback server (loopback_server.hpp)
// is its real twin.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/http_client.hpp"

namespace am::test {

class ScriptedHttp final : public kernel::Transport {
 public:
  using Predicate = std::function<bool(const kernel::HttpRequest&)>;

  ScriptedHttp() = default;
  ~ScriptedHttp() override;
  ScriptedHttp(const ScriptedHttp&) = delete;
  ScriptedHttp& operator=(const ScriptedHttp&) = delete;

  /// Expects `times` requests of that method whose URL holds that text. The first open expectation that fits
  /// is taken, so requests of several threads may come in any order.
  ScriptedHttp& reply(std::string method, std::string url_part, kernel::HttpResponse response, int times = 1);
  ScriptedHttp& reply_if(std::string description, Predicate matches, kernel::HttpResponse response,
                         int times = 1);
  /// The same, but the request ends with an error, as a lost connection does.
  ScriptedHttp& fail(std::string method, std::string url_part, Error error, int times = 1);
  /// For every request that no open expectation fits, as often as it comes.
  ScriptedHttp& otherwise(std::function<kernel::HttpResponse(const kernel::HttpRequest&)> handler);
  /// What is still open at the end is fine (a test that stops in the middle).
  ScriptedHttp& allow_unmet();

  kernel::HttpResponse send(const kernel::HttpRequest& request) override;

  std::vector<kernel::HttpRequest> requests() const;
  std::size_t count() const { return requests().size(); }
  std::vector<std::string> unmet() const;

 private:
  struct Expectation {
    std::string description;
    Predicate matches;
    std::optional<Error> error;
    kernel::HttpResponse response;
    int left;
  };

  mutable std::mutex mutex_;
  std::vector<Expectation> expected_;
  std::vector<kernel::HttpRequest> requests_;
  std::function<kernel::HttpResponse(const kernel::HttpRequest&)> otherwise_;
  bool allow_unmet_ = false;
};

/// A 200 with that body.
kernel::HttpResponse ok(std::string body);
kernel::HttpResponse status(int code, std::string body = {});

}  // namespace am::test
