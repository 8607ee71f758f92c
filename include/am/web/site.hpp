#pragma once
// The read-only API and its pages as one request handler: which path means what, the bodies that are kept for a
// second, and what a client sees while the database is away. Reads only. Paths and fields: docs/api.md.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "am/kernel/clock.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/snapshot.hpp"

namespace am::web {

struct SiteOptions {
  kernel::SnapshotOptions snapshots;
  int readers = 4;                         ///< connections to the database, besides one for the health checks
  std::chrono::milliseconds fresh{1000};   ///< how long a body is served without another look; 0: never kept
  std::chrono::milliseconds stale{60000};  ///< how long the last body is served while the database is away
  std::vector<std::string> cors_origins;   ///< "https://a.example", or "*"; empty: no CORS
  std::vector<kernel::RateLimit> limits;   ///< the request budgets that the status page shows
  std::function<kernel::ServerStats()> stats;  ///< for /metrics; may be empty
};

class Site {
 public:
  /// Errors:  as kernel::open_snapshots. Nothing is read yet.
  Site(SiteOptions options, kernel::Log& log, const kernel::Clock& clock);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Answers now or later. Threads: any. Never blocks.
  void handle(const kernel::ServerRequest& request, kernel::Responder responder);
  /// The answer to what the server itself refuses, in the API's envelope.
  kernel::ServerReply error_page(int status, std::string_view message) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The API's description, generated from the routes: what /openapi.json answers.
std::string openapi_json();

}  // namespace am::web
