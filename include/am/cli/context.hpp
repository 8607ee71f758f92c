#pragma once
// What a running command works with. Nothing is opened before it is asked for, so a command that needs no
// database does not connect to one.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "am/cli/app.hpp"
#include "am/cli/outcome.hpp"
#include "am/kernel/alerts.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/clock_guard.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/file_read.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/trace.hpp"

namespace am::cli {

/// The options that every command takes.
struct GlobalOptions {
  std::string output = "table";
  bool output_given = false;
  std::optional<std::string> config;
  std::optional<Instant> now;
  bool quiet = false;
  bool fail_when_busy = false;
  std::chrono::milliseconds max_wait{90000};
  bool progress = false;                            ///< stderr is a terminal that shows progress
  bool color = false;                               ///< of what goes to stdout
  bool color_errors = false;                        ///< of messages on stderr
  std::string color_when = "auto";                  ///< --color
  std::map<std::string, std::string> config_flags;  ///< --log-level and --log-format, as configuration
  std::optional<Error> config_refused;              ///< why the file or a variable was not taken (any_config)

  /// Who is not to wait for others still reads `<(…)`, whose writer has only just been started.
  kernel::Patience patience(const kernel::Stop& stop) const {
    return {&stop, std::max(max_wait, std::chrono::milliseconds(1000))};
  }
};

class Context {
 public:
  Context(Environment& environment, const GlobalOptions& options, const kernel::Config& config,
          const kernel::Clock& clock, kernel::Log& log, std::optional<kernel::Trace> trace = {});
  ~Context();

  Environment& environment;
  const GlobalOptions& options;
  const kernel::Config& config;
  const kernel::Clock& clock;
  kernel::Log& log;
  const kernel::Stop& stop;
  const std::optional<kernel::Trace> trace;  ///< of whoever started this process

  /// How long the database may take, without saying where it is.
  kernel::DbOptions db_limits() const;
  /// The database of the configuration. Warns once of what is ignored in its URL. Errors: config, as kernel::open_db.
  kernel::DbOptions db_options();
  /// Connects at the first call. Errors: as kernel::open_db.
  kernel::Db& raw_db();
  /// raw_db, with the schema checked. Errors: as kernel::require_schema.
  kernel::Db& db();
  /// db, for a job, which stores anybody's text. Errors: as db; config: the database can't hold every text.
  kernel::Db& job_db();
  kernel::Ledger& ledger();
  /// Whether this host's clock is believed. Errors: as db.
  kernel::ClockGuard& guard();
  /// For reading what may be a pipe.
  kernel::Patience patience() const { return options.patience(stop); }
  /// The request budget of every vendor that an enabled desk may ask, as configured. Errors: as enabled_desks.
  std::vector<kernel::RateLimit> rate_limits() const;

  /// The way to every vendor: what comes back holds no configured secret.
  kernel::Transport& transport();
  /// As retry.* says; budget: instead of the usual one.
  kernel::RetryPolicy retry_policy(std::chrono::milliseconds budget = kernel::RetryPolicy{}.budget) const;
  /// A client for this vendor; limited by the key's shared budget, when one is given.
  /// retry: this vendor's own policy; none: retry_policy().
  kernel::HttpClient& http(const std::string& vendor, const std::optional<std::string>& limit_key = {},
                           const std::optional<kernel::RetryPolicy>& retry = {});

  /// A scheduled command begins to work (ping: "run_weekly", of pings.run_weekly): it pings now, and what it comes to is
  /// told by conclude. Nothing of it under --now: a rehearsal neither wakes anybody nor hides a run that was missed.
  void announce(const std::string& ping);
  /// For commands that run with any configuration to tell of it. Errors: config, when it was refused.
  void require_config() const;
  /// After an announced command: pings success or failure, and alerts when somebody has to look. Never throws.
  void conclude(const std::string& command, const Outcome& outcome);
  kernel::MailOptions mail() const;
  /// The database as its URL names it, without user and secrets: what tells this installation's alerts from another's.
  std::string deployment() const;
  /// The connection, when alerts can be remembered there; else null, and the vendor alone knows what was sent.
  kernel::Db* alerts_db();

 private:
  struct Vendors;

  std::unique_ptr<kernel::Db> db_;
  std::optional<std::string> encoding_;  ///< of the database; set: its schema was checked
  bool url_warned_ = false;
  std::unique_ptr<kernel::Heartbeat> heartbeat_;
  std::unique_ptr<kernel::Ledger> ledger_;
  const kernel::ClockGuard::Start started_;
  std::unique_ptr<kernel::ClockGuard> guard_;
  std::unique_ptr<Vendors> vendors_;
  bool announced_ = false;
  std::unique_ptr<kernel::Pings> pings_;
};

}  // namespace am::cli
