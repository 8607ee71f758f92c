#include <csignal>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/http_server.hpp"
#include "am/strategy/gateway.hpp"
#include "am/strategy/signal_post.hpp"
#include "am/strategy/sweeper.hpp"
#include "broker_parts.hpp"
#include "strategy_commands.hpp"
#include "web/strategy/gateway_site.hpp"

namespace am::cli {

namespace {

struct ServeGatewayOptions {
  std::optional<std::string> listen;
  bool live = false;
  bool adopt = false;
};

void gateway_flags(Flags& f, ServeGatewayOptions& o) {
  f.text("--listen", o.listen, "WHERE", "PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH (PORT 0: a free one)");
  f.on("--live", o.live, "orders are placed with money: also alpaca.live and the session have to say so");
  f.on("--adopt", o.adopt,
       "what the broker holds beside these books is left there, and no longer a mismatch");
}

strategy::GatewayOptions gateway_options(const kernel::Config& config, const ServeGatewayOptions& o,
                                         const Decimal& fee_bps) {
  strategy::GatewayOptions options;
  options.live = o.live;
  options.limits = {
      .collar_pct = Decimal::of(config.text("strategy.collar_pct")),
      .max_notional = Decimal::of(config.text("strategy.max_notional")),
      .max_position = Decimal::of(config.text("strategy.max_position")),
      .max_drawdown_pct = Decimal::of(config.text("strategy.max_drawdown_pct")),
      .fee_bps = fee_bps,
      .session_orders = static_cast<int>(config.integer("strategy.max_orders_per_minute")),
      .account_orders = static_cast<int>(config.integer("strategy.max_account_orders_per_minute")),
      .signal_ttl = std::chrono::seconds(config.integer("strategy.signal_ttl_s")),
      .order_timeout = std::chrono::seconds(config.integer("strategy.order_timeout_s"))};
  return options;
}

/// Loopback, unless somebody says another place.
std::string listen_text(const ServeGatewayOptions& o, const kernel::Config& config) {
  if (o.listen) return *o.listen;
  if (const std::string& where = config.text("gateway.listen"); !where.empty()) return where;
  return "127.0.0.1:" + std::to_string(config.integer("gateway.port"));
}

/// Errors:  config: there is none, or one that can be guessed: whoever reaches the gateway moves money.
std::string gateway_token(const kernel::Config& config) {
  const std::string& token = config.secret("gateway.token");
  constexpr std::size_t kShortest = 16;
  if (token.size() < kShortest || token.find_first_of(" \t") != std::string::npos)
    throw Error(ErrorKind::config, "gateway.token: too weak (expected at least 16 characters without spaces)",
                "for example: openssl rand -hex 32");
  return token;
}

/// Before anything is ordered: what a crash left behind is made good, and the broker holds what was booked.
void require_match(Context& context, strategy::Gateway& gateway, strategy::Sweeper& sweeper, bool adopts) {
  const strategy::BrokerAccount account = gateway.broker().account();
  if (!account.active)
    throw Error(ErrorKind::denied, "broker " + gateway.label() + ": the account is not active (got " +
                                       shown(account.status) + ")");
  sweeper.round(context.db());
  const std::vector<strategy::Mismatch> mismatches = strategy::compare_positions(context.db(), gateway);
  if (mismatches.empty()) return;
  if (adopts) return strategy::adopt(context.db(), gateway, mismatches);
  std::string text;
  for (const strategy::Mismatch& each : mismatches)
    text += (text.empty() ? "" : ", ") + each.symbol + " " + each.held.to_string() + " instead of " +
            each.booked.to_string();
  throw Error(
      ErrorKind::needs_human,
      "broker " + gateway.label() + ": it holds something else than what was booked: " + one_line(text),
      "look at the account; what is held beside these books is left alone with am serve-gateway --adopt");
}

Outcome outcome_of(const kernel::ServerStats& stats, const std::string& address) {
  Outcome outcome;
  outcome.counts = {{"requests", static_cast<long long>(stats.duration_count)},
                    {"connections", static_cast<long long>(stats.connections)},
                    {"refused", static_cast<long long>(stats.refused)},
                    {"timed_out", static_cast<long long>(stats.timed_out)}};
  outcome.table = "served " + std::to_string(stats.duration_count) + " requests\n";
  outcome.data = nlohmann::ordered_json{{"address", address}}.dump();
  return outcome;
}

/// Ends its thread with it, whatever ended the command.
class SweeperThread {
 public:
  SweeperThread(strategy::Sweeper& sweeper, const kernel::DbOptions& options)
      : sweeper_(sweeper), thread_([this, options] { sweeper_.run(options, stop_); }) {}
  ~SweeperThread() {
    stop_.request(SIGTERM);
    sweeper_.wake();
    thread_.join();
  }
  SweeperThread(const SweeperThread&) = delete;
  SweeperThread& operator=(const SweeperThread&) = delete;

 private:
  strategy::Sweeper& sweeper_;
  kernel::Stop stop_;  // not the process's: what is placed while the server ends is still looked after
  std::thread thread_;
};

Outcome run_gateway(const ServeGatewayOptions& o, Context& context) {
  const kernel::Config& config = context.config;
  const std::string token = gateway_token(config);
  kernel::HttpServerOptions http;
  http.listen = kernel::parse_listen(listen_text(o, config));
  http.workers = 1;
  http.max_connections = 512;
  http.max_body_bytes = strategy::kMostSignalBytes;
  http.answer_timeout = std::chrono::seconds(30);

  (void)context.job_db();
  BrokerParts parts(context);
  strategy::Gateway gateway(parts.broker(), gateway_options(config, o, parts.fee_bps()), context.log,
                            context.clock);
  strategy::Sweeper sweeper(gateway);
  require_match(context, gateway, sweeper, o.adopt);
  gateway.on_open_order([&sweeper] { sweeper.wake(); });

  // What is being placed is never cut off, so none of these connections ends with the process's stop.
  kernel::DbOptions db = context.db_options();
  db.application_name = "am serve-gateway";
  db.stop = nullptr;
  web::GatewaySite* site = nullptr;
  kernel::HttpServer server(
      http,
      [&site](const kernel::ServerRequest& request, kernel::Responder responder) {
        site->handle(request, std::move(responder));
      },
      [](int status, std::string_view message) { return web::GatewaySite::error_page(status, message); },
      context.log);
  const SweeperThread thread(sweeper, db);
  web::GatewaySite pages({.token = token, .db = db, .stats = [&server] { return server.stats(); }}, gateway);
  site = &pages;

  const std::string notify_socket = context.environment.variable("NOTIFY_SOCKET");
  context.log.info("listening",
                   {{"address", server.address()}, {"broker", gateway.label()}, {"live", o.live}});
  if (context.environment.err_is_terminal && !context.options.quiet)
    context.environment.err << "am: gateway to " << gateway.label() << " on " << server.address()
                            << " (Ctrl-C ends it)\n"
                            << std::flush;
  kernel::notify_manager(notify_socket, "READY=1");
  server.run(context.stop, [&] {
    kernel::notify_manager(notify_socket, "STOPPING=1");
    context.log.info("stopping");
  });
  return outcome_of(server.stats(), server.address());
}

}  // namespace

Command serve_gateway() {
  return make_command<ServeGatewayOptions>(
      {.path = "serve-gateway",
       .summary =
           "take signals, check them, place orders at the broker, book what is filled, until told to stop",
       .details =
           "POST /internal/execute with Authorization: Bearer GATEWAY_TOKEN. It listens on the loopback unless told otherwise; no "
           "TLS: put a reverse proxy in front. At the start it makes good what a crash left behind, and refuses to begin when the "
           "broker holds something else than what was booked. SIGTERM finishes what is being placed and answered, and ends with 0.",
       .examples = {"am serve-gateway", "am serve-gateway --listen unix:/run/am/gateway.sock",
                    "am serve-gateway --adopt"},
       .exits = {ExitCode::needs_human, ExitCode::denied},
       .config = {"database.url",
                  "gateway.port",
                  "gateway.listen",
                  "gateway.token",
                  "strategy.broker",
                  "strategy.collar_pct",
                  "strategy.max_notional",
                  "strategy.max_position",
                  "strategy.max_drawdown_pct",
                  "strategy.signal_ttl_s",
                  "strategy.order_timeout_s",
                  "strategy.max_orders_per_minute",
                  "strategy.max_account_orders_per_minute",
                  "strategy.paper_slippage_bps",
                  "strategy.paper_fee_bps",
                  "alpaca.api_key",
                  "alpaca.secret_key",
                  "alpaca.live",
                  "alpaca.base_url",
                  "alpaca.limits"},
       .desk = "strategy",
       .streams = true},
      gateway_flags, run_gateway);
}

}  // namespace am::cli
