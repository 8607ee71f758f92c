#include <algorithm>
#include <ostream>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/snapshot.hpp"
#include "am/web/site.hpp"
#include "commands.hpp"

namespace am::cli {

namespace {

struct ServeOptions {
  std::optional<std::string> listen;
};

void flags(Flags& f, ServeOptions& o) {
  f.text("--listen", o.listen, "WHERE", "PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH (PORT 0: a free one)");
}

std::vector<std::string> cors_origins(const std::string& text) {
  std::vector<std::string> origins;
  for (const std::string& part : split(text, ',')) {
    const std::string origin(trim(part));
    if (origin.empty()) continue;
    const std::size_t scheme = origin.find("://");
    const bool bare = scheme != std::string::npos && scheme > 0 && origin.size() > scheme + 3 &&
                      origin.find('/', scheme + 3) == std::string::npos &&
                      std::ranges::all_of(origin, [](char c) { return c > ' ' && c < '\x7F'; });
    if (origin != "*" && !bare) {
      throw Error(ErrorKind::config, "CORS_ALLOW_ORIGINS: not an origin: " + ellipsize(origin, 80),
                  "expected https://host or https://host:port, with commas between, or *");
    }
    origins.push_back(origin);
  }
  return origins;
}

/// A database that is away is waited for while serving; one that is not ours, or not migrated, is said at once.
void check_schema(Context& context, const kernel::DbOptions& options) {
  try {
    const std::unique_ptr<kernel::Db> db = kernel::open_db(options);
    kernel::require_schema(*db->begin(true));  // as it will read: a pooler may allow no transactions
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    context.log.warn("the database does not answer yet; serving 503 until it does",
                     {{"error", error.message()}, {"hint", error.hint()}});
  }
}

Outcome run(const ServeOptions& o, Context& context) {
  const kernel::Config& config = context.config;
  std::string where = o.listen.value_or(config.text("server.listen"));
  if (where.empty()) where = std::to_string(config.integer("server.port"));

  kernel::HttpServerOptions http;
  http.listen = kernel::parse_listen(where);
  http.workers = static_cast<int>(config.integer("server.workers"));
  http.max_connections = static_cast<int>(config.integer("server.max_connections"));
  http.max_connections_per_address = static_cast<int>(config.integer("server.max_connections_per_address"));

  web::SiteOptions site_options;
  site_options.snapshots.db = context.db_options();
  site_options.snapshots.db.application_name = "am serve-readonly";
  site_options.snapshots.timeout = std::chrono::milliseconds(config.integer("server.read_timeout_ms"));
  site_options.readers = static_cast<int>(config.integer("server.readers"));
  site_options.fresh = std::chrono::milliseconds(config.integer("server.fresh_ms"));
  site_options.cors_origins = cors_origins(config.text("server.cors_allow_origins"));
  site_options.limits = context.rate_limits();
  check_schema(context, site_options.snapshots.db);

  // The site's readers answer through the server's connections, so they end first: the site is declared last.
  web::Site* site = nullptr;
  kernel::HttpServer server(
      http,
      [&site](const kernel::ServerRequest& request, kernel::Responder responder) {
        site->handle(request, std::move(responder));
      },
      [&site](int status, std::string_view message) { return site->error_page(status, message); },
      context.log);
  site_options.stats = [&server] { return server.stats(); };
  web::Site pages(std::move(site_options), context.log, context.clock);
  site = &pages;

  const std::string notify_socket = context.environment.variable("NOTIFY_SOCKET");
  context.log.info("listening", {{"address", server.address()}});
  if (context.environment.err_is_terminal && !context.options.quiet)
    context.environment.err << "am: listening on " << server.address() << " (Ctrl-C ends it)\n" << std::flush;
  kernel::notify_manager(notify_socket, "READY=1");
  server.run(context.stop, [&] {
    kernel::notify_manager(notify_socket, "STOPPING=1");
    context.log.info("stopping");
  });

  const kernel::ServerStats stats = server.stats();
  Outcome outcome;
  outcome.counts = {{"requests", static_cast<long long>(stats.duration_count)},
                    {"connections", static_cast<long long>(stats.connections)},
                    {"refused", static_cast<long long>(stats.refused)},
                    {"timed_out", static_cast<long long>(stats.timed_out)}};
  outcome.table = "served " + std::to_string(stats.duration_count) + " requests\n";
  outcome.data = nlohmann::ordered_json{{"address", server.address()}}.dump();
  return outcome;
}

}  // namespace

Command serve_readonly() {
  return make_command<ServeOptions>(
      {.path = "serve-readonly",
       .summary = "serve the read-only API and its pages until told to stop",
       .details =
           "Never writes: a role with SELECT alone is enough. Answers are kept for a second; while the "
           "database is away the last ones are served for at most a minute, with Age, then 503. No TLS: put a "
           "reverse proxy in front. SIGTERM finishes what runs, 10 s at most, and ends with 0.",
       .examples = {"am serve-readonly", "am serve-readonly --listen 127.0.0.1:8080",
                    "am serve-readonly --listen unix:/run/am/am.sock"},
       .exits = {ExitCode::denied},
       .config = {"database.url", "server.port", "server.listen", "server.cors_allow_origins",
                  "server.workers", "server.readers", "server.max_connections",
                  "server.max_connections_per_address", "server.fresh_ms", "server.read_timeout_ms",
                  "alpha_vantage.limits", "stooq.limits"}},
      flags, run);
}

}  // namespace am::cli
