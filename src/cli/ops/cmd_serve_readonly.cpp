#include <ostream>

#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/snapshot.hpp"
#include "am/web/site.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"

namespace am::cli {

namespace {

struct ServeOptions {
  std::optional<std::string> listen;
};

void flags(Flags& f, ServeOptions& o) {
  f.text("--listen", o.listen, "WHERE", "PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH (PORT 0: a free one)");
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
  site_options.cors = web::CorsOrigins::parse(config.text("server.cors_allow_origins"));
  const DeskFaces faces = enabled_desks(config);
  site_options.router = web::site_router(sections_of(faces));
  site_options.desks = desks_of(faces);
  site_options.off = disabled_desks(config);
  site_options.limits = context.rate_limits();
  site_options.config = &config;
  site_options.base_path = web::parse_base_path(config.text("server.base_path"), site_options.router);
  if (const std::optional<Error> unready = web::first_look(site_options.snapshots.db)) {
    context.log.warn("the database is not ready; serving 503 until it is",
                     {{"error", unready->message()}, {"hint", unready->hint()}});
  }

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

/// Of the desks' pages those of every desk, whichever are enabled.
std::vector<std::string> keys_read() {
  std::vector<std::string> keys{"database.url",
                                "desks.enabled",
                                "server.port",
                                "server.listen",
                                "server.base_path",
                                "server.cors_allow_origins",
                                "server.workers",
                                "server.readers",
                                "server.max_connections",
                                "server.max_connections_per_address",
                                "server.fresh_ms",
                                "server.read_timeout_ms",
                                "alpha_vantage.limits",
                                "stooq.limits"};
  for (const DeskFace& face : all_desks()) {
    if (face.section == nullptr) continue;
    for (const std::string_view key : face.section().config) keys.emplace_back(key);
  }
  return keys;
}

}  // namespace

Command serve_readonly() {
  return make_command<ServeOptions>(
      {.path = "serve-readonly",
       .summary = "serve the read-only API and its pages until told to stop",
       .details =
           "Never writes: a role with SELECT alone is enough. Answers are kept for a second; while the "
           "database is away the last ones are served for at most a minute, with Age, then 503. It starts before the "
           "database is there or migrated, and /readyz says what is missing. No TLS: put a reverse proxy in front. "
           "SIGTERM answers what was sent before, 10 s at most, and ends with 0.",
       .examples = {"am serve-readonly", "am serve-readonly --listen 127.0.0.1:8080",
                    "am serve-readonly --listen unix:/run/am/am.sock"},
       .exits = {ExitCode::denied},
       .config = keys_read(),
       .streams = true},
      flags, run);
}

}  // namespace am::cli
