#include "am/cli/context.hpp"

#include <utility>

#include "am/base/text.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/secret_mask.hpp"
#include "am/kernel/version.hpp"
#include "desks.hpp"
#include "progress.hpp"

namespace am::cli {

using kernel::HttpClient;

/// Everything that talks to the outside, made when it is first needed.
struct Context::Vendors {
  explicit Vendors(Context& context) : wait_line(context) {}

  WaitLine wait_line;
  std::unique_ptr<kernel::Transport> curl;
  std::unique_ptr<kernel::Transport> masking;
  std::unique_ptr<kernel::RateLimiter> limiter;
  std::vector<std::unique_ptr<HttpClient>> clients;
};

Context::Context(Environment& env, const GlobalOptions& global, const kernel::Config& configuration,
                 const kernel::Clock& business_clock, kernel::Log& logger, std::optional<kernel::Trace> of)
    : environment(env),
      options(global),
      config(configuration),
      clock(business_clock),
      log(logger),
      stop(env.stop),
      trace(std::move(of)),
      started_(business_clock),
      vendors_(std::make_unique<Vendors>(*this)) {}

Context::~Context() = default;

void Context::require_config() const {
  if (options.config_refused) throw Error(*options.config_refused);
}

kernel::DbOptions Context::db_limits() const {
  kernel::DbOptions db;
  db.connect_timeout = std::chrono::milliseconds(config.integer("database.connect_timeout_ms"));
  db.statement_timeout = std::chrono::milliseconds(config.integer("database.statement_timeout_ms"));
  db.lock_timeout = std::chrono::milliseconds(config.integer("database.lock_timeout_ms"));
  db.stop = &stop;
  return db;
}

kernel::DbOptions Context::db_options() {
  kernel::DbOptions db = db_limits();
  db.url = config.secret("database.url");
  db.application_name = "am";
  db.probe = environment.probe;
  const std::vector<std::string> ignored = kernel::ignored_url_parameters(db.url);
  if (!ignored.empty() && !std::exchange(url_warned_, true))
    log.warn("DATABASE_URL: parameters for other drivers or poolers are ignored: " + join(ignored, ", "));
  return db;
}

kernel::Db& Context::raw_db() {
  if (!db_) db_ = kernel::open_db(db_options());
  return *db_;
}

kernel::Db& Context::db() {
  kernel::Db& db = raw_db();
  if (!encoding_) encoding_ = kernel::require_schema(db);
  return db;
}

kernel::Db& Context::job_db() {
  kernel::Db& db = this->db();
  kernel::require_utf8(*encoding_);
  return db;
}

kernel::ClockGuard& Context::guard() {
  if (!guard_) guard_ = std::make_unique<kernel::ClockGuard>(db(), clock, started_);
  return *guard_;
}

kernel::Ledger& Context::ledger() {
  if (!ledger_) {
    kernel::LedgerOptions ledger;
    ledger.lease = std::chrono::seconds(config.integer("ledger.lease_s"));
    ledger.fail_when_busy = options.fail_when_busy;
    ledger.max_wait = options.max_wait;
    ledger.business_now = options.now;
    kernel::DbOptions own = db_options();
    own.application_name = "am heartbeat";
    own.probe = nullptr;  // it counts what the command itself does
    heartbeat_ = std::make_unique<kernel::Heartbeat>(std::move(own), log);
    ledger.heartbeat = heartbeat_.get();
    ledger_ = std::make_unique<kernel::Ledger>(db(), log, stop, ledger);
  }
  return *ledger_;
}

std::vector<kernel::RateLimit> Context::rate_limits() const {
  std::vector<kernel::RateLimit> limits;
  const kernel::Desks off = disabled_desks(config);
  for (const kernel::ConfigKey& key : config.keys()) {
    const bool is_off = std::ranges::any_of(off, [&](const kernel::Desk* desk) {
      return std::ranges::find(desk->keys, key.name, &kernel::ConfigKey::name) != desk->keys.end();
    });
    if (key.type != kernel::KeyType::rate || is_off) continue;
    const std::string_view section = key.name.substr(0, key.name.find('.'));
    limits.push_back({std::string(section), kernel::parse_rate_windows(config.text(key.name))});
  }
  return limits;
}

kernel::Transport& Context::transport() {
  if (!vendors_->masking) {
    if (environment.transport == nullptr)
      vendors_->curl = kernel::make_curl_transport("am/" + std::string(kernel::version()), &stop);
    vendors_->masking = kernel::make_masking_transport(
        environment.transport != nullptr ? *environment.transport : *vendors_->curl,
        kernel::SecretMask(kernel::secrets_in(config)));
  }
  return *vendors_->masking;
}

kernel::RetryPolicy Context::retry_policy(std::chrono::milliseconds budget) const {
  return {.attempts = static_cast<int>(config.integer("retry.attempts")),
          .base = std::chrono::milliseconds(config.integer("retry.base_ms")),
          .cap = std::chrono::milliseconds(config.integer("retry.cap_ms")),
          .budget = budget};
}

HttpClient& Context::http(const std::string& vendor, const std::optional<std::string>& limit_key,
                          const std::optional<kernel::RetryPolicy>& retry) {
  if (limit_key && !vendors_->limiter) {
    vendors_->limiter = std::make_unique<kernel::RateLimiter>(db(), stop, rate_limits());
  }
  HttpClient::Options http;
  http.vendor = vendor;
  http.limit_key = limit_key;
  http.trace = trace;
  http.max_wait = options.max_wait;
  http.retry = retry.value_or(retry_policy());
  vendors_->clients.push_back(
      std::make_unique<HttpClient>(transport(), vendors_->limiter.get(), log, stop, http));
  HttpClient& client = *vendors_->clients.back();
  client.on_attempt([this] {
    vendors_->wait_line.done();
    if (environment.probe) environment.probe("vendor call");
    if (ledger_) ledger_->check_leases();
  });
  client.on_wait([this, vendor](kernel::WaitFor what) {
    const bool for_budget = what == kernel::WaitFor::budget;
    vendors_->wait_line.waiting((for_budget ? "the request budget of " : "another attempt at ") + vendor);
    if (ledger_) ledger_->check_leases();
  });
  return client;
}

}  // namespace am::cli
