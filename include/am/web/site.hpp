#pragma once
// The read-only API and its pages as one request handler: which path means what, the bodies that are kept for a
// second, and what a client sees while the database is away. Reads only. Paths and fields: docs/api.md.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/snapshot.hpp"
#include "am/web/cors.hpp"
#include "am/web/router.hpp"

namespace am::web {

struct SiteOptions {
  kernel::SnapshotOptions snapshots;
  int readers = 4;                         ///< connections to the database, besides one for the health checks
  std::chrono::milliseconds fresh{1000};   ///< how long a body is served without another look; 0: never kept
  std::chrono::milliseconds stale{60000};  ///< how long the last body is served while the database is away
  CorsOrigins cors;
  std::string
      base_path;  ///< as parse_base_path gives it: "/am", what a proxy serves this under; empty: its root
  Router router = site_router({});             ///< of the sections of the desks that are enabled
  kernel::Desks desks;                         ///< those that are enabled
  kernel::Desks off;                           ///< those that are not: nothing of theirs is shown
  std::vector<kernel::RateLimit> limits;       ///< the request budgets that the status page shows
  std::function<kernel::ServerStats()> stats;  ///< for /metrics; may be empty
  const kernel::Config* config = nullptr;      ///< for what pages of the desks read; it outlives the site
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

/// A look at the database before anything is served. What may mend itself is returned: no answer, no schema, another one
/// than this program's, a privilege that is missing. /readyz says it from then on.
/// Errors:  what does not: config (malformed URL, no such database, a pooler without transactions), denied (role,
///          password).
std::optional<Error> first_look(const kernel::DbOptions& options);

/// The keys of the server.
std::span<const kernel::ConfigKey> config_keys();

/// Without its last slash; empty for "/".
/// Errors:  config: not a path, or one that begins as a path of the router does.
std::string parse_base_path(std::string_view text, const Router& router);

}  // namespace am::web
