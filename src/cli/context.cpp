#include "am/cli/context.hpp"

#include <istream>
#include <utility>

#include "am/base/text.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/secret_mask.hpp"
#include "am/kernel/version.hpp"
#include "am/market/alpha_vantage.hpp"
#include "am/market/stooq.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/pickers.hpp"
#include "progress.hpp"

namespace am::cli {

using kernel::HttpClient;

namespace {

constexpr std::string_view kCsv = "csv:";

bool is_csv(const std::string& source) { return source.starts_with(kCsv); }

}  // namespace

/// Everything that talks to the outside, made when it is first needed.
struct Context::Vendors {
  explicit Vendors(Context& context) : wait_line(context) {}

  WaitLine wait_line;
  std::unique_ptr<kernel::Transport> curl;
  std::unique_ptr<kernel::Transport> masking;
  std::unique_ptr<kernel::RateLimiter> limiter;
  std::vector<std::unique_ptr<HttpClient>> clients;
  std::map<std::string, std::unique_ptr<market::PriceProvider>> providers;  // by source as asked for
  std::map<std::string, std::unique_ptr<market::Closes>> closes;
  std::unique_ptr<picks::Picker> picker;
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

kernel::Ledger& Context::ledger() {
  if (!ledger_) {
    kernel::LedgerOptions ledger;
    ledger.lease = std::chrono::seconds(config.integer("ledger.lease_s"));
    ledger.fail_when_busy = options.fail_when_busy;
    ledger.max_wait = options.max_wait;
    ledger.business_now = options.now;
    ledger_ = std::make_unique<kernel::Ledger>(db(), log, stop, ledger);
  }
  return *ledger_;
}

std::vector<kernel::RateLimit> Context::rate_limits() const {
  std::vector<kernel::RateLimit> limits;
  for (const char* name : {"alpha_vantage", "stooq"}) {
    limits.push_back({name, kernel::parse_rate_windows(config.text(std::string(name) + ".limits"))});
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

HttpClient& Context::http(const std::string& vendor, const std::optional<std::string>& limit_key,
                          std::optional<std::chrono::milliseconds> budget) {
  if (limit_key && !vendors_->limiter) {
    vendors_->limiter = std::make_unique<kernel::RateLimiter>(db(), stop, rate_limits());
  }
  HttpClient::Options http;
  http.vendor = vendor;
  http.limit_key = limit_key;
  http.trace = trace;
  http.max_wait = options.max_wait;
  http.retry.attempts = static_cast<int>(config.integer("retry.attempts"));
  http.retry.base = std::chrono::milliseconds(config.integer("retry.base_ms"));
  http.retry.cap = std::chrono::milliseconds(config.integer("retry.cap_ms"));
  if (budget) http.retry.budget = *budget;
  vendors_->clients.push_back(
      std::make_unique<HttpClient>(transport(), vendors_->limiter.get(), log, stop, http));
  HttpClient& client = *vendors_->clients.back();
  client.on_attempt([this] {
    vendors_->wait_line.done();
    if (environment.probe) environment.probe("vendor call");
    if (ledger_) ledger_->keep_alive();
  });
  client.on_wait([this, vendor](kernel::WaitFor what) {
    const bool for_budget = what == kernel::WaitFor::budget;
    vendors_->wait_line.waiting((for_budget ? "the request budget of " : "another attempt at ") + vendor);
    if (ledger_) ledger_->keep_alive();
  });
  return client;
}

market::PriceProvider& Context::provider(const std::string& source) {
  auto& known = vendors_->providers[source];
  if (known) return *known;
  const std::chrono::milliseconds connect_timeout(config.integer("http.connect_timeout_ms"));
  const std::chrono::milliseconds timeout(config.integer("http.timeout_ms"));
  if (is_csv(source) && source.size() > kCsv.size()) {
    known = std::make_unique<market::CsvMarket>(source.substr(kCsv.size()), patience());
  } else if (source == "alpha-vantage") {
    market::AlphaVantage::Options av;
    av.base_url = config.text("alpha_vantage.base_url");
    av.api_key = config.secret("alpha_vantage.api_key");
    av.function = config.text("alpha_vantage.function") == "quote" ? market::AlphaVantage::Function::quote
                                                                   : market::AlphaVantage::Function::daily;
    av.connect_timeout = connect_timeout;
    av.timeout = timeout;
    known = std::make_unique<market::AlphaVantage>(http(source, "alpha_vantage"), av);
  } else if (source == "stooq") {
    known = std::make_unique<market::Stooq>(
        http(source, "stooq"),
        market::Stooq::Options{config.text("stooq.base_url"),
                               config.is_set("stooq.api_key") ? config.secret("stooq.api_key") : "",
                               connect_timeout, timeout});
  } else {
    vendors_->providers.erase(source);
    throw Error(ErrorKind::usage, "price source \"" + ellipsize(source, 60) +
                                      "\": unknown (expected alpha-vantage, stooq or csv:DIR)");
  }
  return *known;
}

market::Closes& Context::closes(const std::string& source) {
  auto& known = vendors_->closes[source];
  if (!known) known = std::make_unique<market::Closes>(db(), ledger(), log, clock, provider(source));
  return *known;
}

market::CsvMarket* Context::csv_market(const std::string& source) {
  return is_csv(source) ? static_cast<market::CsvMarket*>(&provider(source)) : nullptr;
}

picks::Picker& Context::picker(const std::string& name, const std::string& source) {
  if (name == "openai") {
    picks::OpenAiOptions openai;
    openai.base_url = config.text("openai.base_url");
    openai.api_key = config.secret("openai.api_key");
    openai.model = config.text("openai.model");
    openai.temperature = config.text("openai.temperature");
    openai.response_format = config.text("openai.response_format");
    openai.connect_timeout = std::chrono::milliseconds(config.integer("http.connect_timeout_ms"));
    openai.timeout = std::chrono::milliseconds(config.integer("openai.timeout_ms"));
    vendors_->picker = picks::make_openai_picker(http(name, std::nullopt), log, openai);
  } else if (name == "momentum") {
    market::CsvMarket* csv = csv_market(source);
    if (csv == nullptr) {
      throw Error(
          ErrorKind::config,
          "picker momentum: needs a year of closes of a whole universe, which " + source + " does not give",
          "use --prices csv:DIR");
    }
    vendors_->picker = picks::make_momentum_picker(*csv, csv->universe());
  } else if (name == "-" || (name.starts_with("file:") && name.size() > 5)) {
    vendors_->picker =
        picks::make_file_picker(name == "-" ? name : name.substr(5), environment.in, patience());
  } else {
    throw Error(ErrorKind::usage, "picker \"" + ellipsize(name, 60) +
                                      "\": unknown (expected openai, momentum, file:PATH or -)");
  }
  return *vendors_->picker;
}

picks::Desk Context::desk() {
  db();
  kernel::require_utf8(*encoding_);
  if (!guard_) guard_ = std::make_unique<kernel::ClockGuard>(db(), clock, started_);
  return {db(), ledger(), log, clock, *guard_, stop, [this](const std::string& source) -> market::Closes& {
            return closes(source);
          }};
}

std::string Context::price_source(const std::optional<std::string>& flag) {
  const std::string name = flag ? *flag : config.text("picks.prices");
  return provider(name).source();
}

std::string Context::picker_name(const std::optional<std::string>& flag) const {
  return flag ? *flag : config.text("picks.picker");
}

std::string Context::benchmark(const std::optional<std::string>& flag, const std::string& source) {
  const auto checked = [](const std::string& symbol, ErrorKind kind, const std::string& name) {
    if (market::is_symbol(symbol)) return symbol;
    throw Error(kind,
                name + " " + shown(symbol) + ": not a symbol (expected 1 to 32 visible ASCII characters)");
  };
  if (flag) return checked(*flag, ErrorKind::usage, "--benchmark");
  if (config.is_set("picks.benchmark"))
    return checked(config.text("picks.benchmark"), ErrorKind::config, "picks.benchmark");
  if (market::CsvMarket* csv = csv_market(source)) {
    if (const auto named = csv->benchmark()) return *named;
  }
  return "SPY";
}

}  // namespace am::cli
