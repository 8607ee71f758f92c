#include "am/strategy/desk.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include "duties.hpp"
#include "verify.hpp"

namespace am::strategy {

namespace {

constexpr std::string_view kTables[] = {"market.bars",      "trading.users",        "trading.strategies",
                                        "trading.sessions", "trading.signals",      "trading.orders",
                                        "trading.trades",   "trading.positions",    "trading.cash_entries",
                                        "trading.switch",   "trading.paper_orders", "trading.fee_corrections",
                                        "trading.gateways", "trading.adopted"};

/// An engine that is gone is started again within five minutes.
constexpr std::chrono::minutes kMissed{15};

constexpr kernel::Job kJobs[] = {{.name = kRunJob,
                                  .command = "am strategy run",
                                  .overdue_after = kMissed,
                                  .overdue_after_put_off = kMissed},
                                 {.name = kIngestJob, .command = "am strategy ingest"}};

constexpr std::string_view kEngineSecrets[] = {"REDIS_URL", "GATEWAY_TOKEN"};
constexpr std::string_view kIngestSecrets[] = {"REDIS_URL", "ALPACA_API_KEY", "ALPACA_SECRET_KEY"};
constexpr std::string_view kGatewaySecrets[] = {"GATEWAY_TOKEN", "ALPACA_API_KEY", "ALPACA_SECRET_KEY"};

/// 09:20 to five minutes after the close, within these hours of New York; the command knows which.
constexpr kernel::Timetable kStockHours{
    .every_minutes = 5, .days = kernel::kWeekdays, .first_hour = 9, .last_hour = 16};
constexpr kernel::Timetable kAlways{.every_minutes = 5};
constexpr std::chrono::hours kStockDay{8};
/// And ten minutes at most, until the next one has taken over.
constexpr std::chrono::hours kCryptoDay{25};
constexpr int kEngineMegabytes = 1024;

constexpr kernel::Schedule kSchedules[] = {
    {.name = "strategy-ingest-stock",
     .call = "strategy ingest --type stock",
     .summary = "bring the stock market's bars to the strategies",
     .remark = "Every 5 minutes of the exchange's hours: the first starts the day, the others end at once.",
     .kind = kernel::ScheduleKind::session,
     .table = kStockHours,
     .limit = kStockDay,
     .secrets = kIngestSecrets},
    {.name = "strategy-ingest-crypto",
     .call = "strategy ingest --type crypto",
     .summary = "bring the bars of cryptocurrencies to the strategies",
     .remark = "Every 5 minutes: the first starts the day in UTC, the others end at once.",
     .kind = kernel::ScheduleKind::session,
     .table = kAlways,
     .limit = kCryptoDay,
     .secrets = kIngestSecrets,
     .overlaps = true},
    {.name = "strategy-run-stock",
     .call = "strategy run --type stock",
     .summary = "trade stocks by the sessions that run",
     .remark = "Every 5 minutes of the exchange's hours: the first starts the day, the others end at once.",
     .kind = kernel::ScheduleKind::session,
     .table = kStockHours,
     .limit = kStockDay,
     .secrets = kEngineSecrets,
     .sandboxes = true,
     .sandbox_key = "strategy.sandbox",
     .memory_mb = kEngineMegabytes},
    {.name = "strategy-run-crypto",
     .call = "strategy run --type crypto",
     .summary = "trade cryptocurrencies by the sessions that run",
     .remark = "Every 5 minutes: the first starts the day in UTC, the others end at once.",
     .kind = kernel::ScheduleKind::session,
     .table = kAlways,
     .limit = kCryptoDay,
     .secrets = kEngineSecrets,
     .sandboxes = true,
     .sandbox_key = "strategy.sandbox",
     .overlaps = true,
     .memory_mb = kEngineMegabytes},
    {.name = "serve-gateway",
     .call = "serve-gateway",
     .summary = "the gateway, which alone talks to a broker",
     .remark = "Where engines send signals, and what places the orders of the strategy desk.",
     .kind = kernel::ScheduleKind::server,
     .secrets = kGatewaySecrets,
     .writes = true,
     .port = 3000,
     .listen_variable = "AM_GATEWAY_LISTEN"}};

/// What nobody needs after a while: signals that came to nothing, sessions that never signalled, versions of strategies that
/// no session traded with. Whatever was ordered stays, with its session, signal and strategy; so do the market's bars.
constexpr kernel::PruneRule kPrune[] = {
    {"signals", "trading.signals",
     "created_at < $1::timestamptz AND status <> 'pending' AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.signal_id = "
     "signals.id)"},
    {"sessions", "trading.sessions",
     "ended_at < $1::timestamptz AND NOT EXISTS (SELECT FROM trading.signals g WHERE g.session_id = sessions.id) AND NOT EXISTS "
     "(SELECT FROM trading.orders o WHERE o.session_id = sessions.id) AND NOT EXISTS (SELECT FROM trading.positions p WHERE "
     "p.session_id = sessions.id)"},
    {"strategies", "trading.strategies",
     "retired_at < $1::timestamptz AND NOT EXISTS (SELECT FROM trading.sessions s WHERE s.strategy_id = strategies.id)"}};

kernel::Requirements requirements(const kernel::Config& config) {
  kernel::Requirements needs;
  needs.secrets.push_back({"gateway.token", "engines and the gateway"});
  const bool executes = config.text("strategy.broker") == "alpaca";
  const bool ingests = config.is_set("alpaca.api_key") || config.is_set("alpaca.secret_key");
  if (executes || ingests) {
    const std::string why = executes ? "broker alpaca" : "the market's stream";
    needs.secrets.push_back({"alpaca.api_key", why});
    needs.secrets.push_back({"alpaca.secret_key", why});
    needs.hosts.push_back({"host of alpaca bars", config.text("alpaca.data_url")});
  }
  if (executes) needs.hosts.push_back({"host of alpaca orders", config.text("alpaca.base_url")});
  if (config.text("alpaca.live") == "true")
    needs.remarks.push_back(kernel::warned("alpaca.live",
                                           "true: sessions that are started with --live trade with money",
                                           "where nothing is to be traded with money, leave it out"));
  return needs;
}

}  // namespace

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "strategy",
                                  .jobs = kJobs,
                                  .keys = config_keys(),
                                  .schedules = kSchedules,
                                  .tables = kTables,
                                  .duties = {ask_duties, make_duties},
                                  .metrics = {ask_strategy_metrics, make_strategy_metrics},
                                  .upcoming = upcoming_windows,
                                  .requirements = requirements,
                                  .verify = verify_strategy,
                                  .verified = "users",
                                  .prune = kPrune};
  return kDesk;
}

}  // namespace am::strategy
