#pragma once
// The gateway over HTTP: POST /internal/execute with a token, GET /health, GET /metrics. A request is read and checked on the
// server's thread; what needs the database or the broker runs on threads with a connection each. Private.

#include <memory>
#include <string>

#include "am/kernel/db.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/log.hpp"
#include "am/strategy/gateway.hpp"

namespace am::web {

struct GatewaySiteOptions {
  std::string token;  ///< what a signal has to carry; not empty
  kernel::DbOptions db;
  int threads = 16;               ///< signals that are executed at once
  std::size_t max_waiting = 256;  ///< more are answered 503
  std::function<kernel::ServerStats()> stats{};
};

class GatewaySite {
 public:
  /// Errors:  config: a database's URL that is missing or malformed.
  GatewaySite(GatewaySiteOptions options, strategy::Gateway& gateway);
  /// Finishes what is being executed.
  ~GatewaySite();
  GatewaySite(const GatewaySite&) = delete;
  GatewaySite& operator=(const GatewaySite&) = delete;

  /// Answers now or later. Threads: any. Never blocks.
  void handle(const kernel::ServerRequest& request, kernel::Responder responder);
  /// What the server itself refuses, in the same envelope.
  static kernel::ServerReply error_page(int status, std::string_view message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::web
