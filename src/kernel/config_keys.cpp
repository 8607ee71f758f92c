// The table of every configuration key: names, variables, defaults, limits. Nothing else decides what exists.

#include "am/base/text.hpp"
#include "am/kernel/config.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kLevels[] = {"auto", "debug", "info", "warn", "error", "off"};
constexpr std::string_view kFormats[] = {"auto", "json", "text"};
constexpr std::string_view kFunctions[] = {"daily", "quote"};
constexpr std::string_view kPickers[] = {"openai", "momentum", "file:PATH", "-"};
constexpr std::string_view kPrices[] = {"alpha-vantage", "stooq", "csv:DIR"};
constexpr std::string_view kNone[] = {"none"};
constexpr std::string_view kResponseFormats[] = {"json_schema", "json_object", "none"};

constexpr ConfigKey url(std::string_view name, std::string_view env, std::string_view default_value,
                        std::string_view help, std::string_view endpoint) {
  return {name, env, KeyType::url, default_value, help, 0, 0, {}, endpoint};
}

constexpr ConfigKey kKeys[] = {
    {"database.url", "DATABASE_URL", KeyType::secret, "",
     "PostgreSQL URL; may hold a password, so it is treated as a secret"},
    {"database.connect_timeout_ms", "AM_DATABASE_CONNECT_TIMEOUT_MS", KeyType::integer, "5000",
     "longest wait for a connection, for each address", 10, 600000},
    {"database.statement_timeout_ms", "AM_DATABASE_STATEMENT_TIMEOUT_MS", KeyType::integer, "30000",
     "longest wait for one statement, but a migration's; 0: none", 0, 86400000},
    {"database.lock_timeout_ms", "AM_DATABASE_LOCK_TIMEOUT_MS", KeyType::integer, "10000",
     "longest wait for one lock in a transaction; 0: none", 0, 86400000},
    {"desks.enabled", "AM_DESKS_ENABLED", KeyType::text, "picks",
     "desks that this installation has, with commas between; the others owe nothing"},
    {"log.level", "LOG_LEVEL", KeyType::text, "auto",
     "least severe line that is written; auto: warn on a terminal, info elsewhere", 0, 0, kLevels},
    {"log.format", "AM_LOG_FORMAT", KeyType::text, "auto", "auto: text on a terminal, JSON elsewhere", 0, 0,
     kFormats},
    {"picks.picker", "AM_PICKER", KeyType::text, "openai", "who picks: openai, momentum, file:PATH or -", 0,
     0, kPickers},
    {"picks.prices", "AM_PRICES", KeyType::text, "alpha-vantage",
     "where closes come from: alpha-vantage, stooq, csv:DIR", 0, 0, kPrices},
    {"picks.benchmark", "AM_BENCHMARK", KeyType::text, "",
     "symbol to measure against; default SPY, or what a csv: directory names"},
    {"openai.api_key", "OPENAI_API_KEY", KeyType::secret, "", "bearer key of the chat completions API"},
    {"openai.model", "OPENAI_MODEL", KeyType::text, "gpt-4o-mini", "model that picks"},
    url("openai.base_url", "OPENAI_BASE_URL", "https://api.openai.com/v1", "any compatible server",
        "/chat/completions"),
    {"openai.temperature", "OPENAI_TEMPERATURE", KeyType::decimal, "0.2",
     "sampling temperature; none: not sent", 0, 2, kNone},
    {"openai.response_format", "OPENAI_RESPONSE_FORMAT", KeyType::text, "json_schema",
     "how the model is held to JSON; none: not at all", 0, 0, kResponseFormats},
    {"openai.timeout_ms", "OPENAI_TIMEOUT_MS", KeyType::integer, "60000", "longest wait for one answer", 100,
     600000},
    {"alpha_vantage.api_key", "ALPHA_VANTAGE_API_KEY", KeyType::secret, "", "key of the price API"},
    url("alpha_vantage.base_url", "ALPHA_VANTAGE_BASE_URL", "https://www.alphavantage.co",
        "server of the price API", "/query"),
    {"alpha_vantage.function", "ALPHA_VANTAGE_FUNCTION", KeyType::text, "daily",
     "daily: TIME_SERIES_DAILY (100 sessions in a call); quote: GLOBAL_QUOTE (the latest only)", 0, 0,
     kFunctions},
    {"alpha_vantage.limits", "ALPHA_VANTAGE_LIMITS", KeyType::rate, "1/s,5/min,500/day",
     "requests for all processes together; a free key has 25 a day"},
    {"stooq.api_key", "STOOQ_API_KEY", KeyType::secret, "", "key of the CSV closes"},
    url("stooq.base_url", "STOOQ_BASE_URL", "https://stooq.com", "server of the CSV closes", "/q/d/l"),
    {"stooq.limits", "STOOQ_LIMITS", KeyType::rate, "30/min,200/day", "requests for all processes together"},
    {"http.connect_timeout_ms", "AM_HTTP_CONNECT_TIMEOUT_MS", KeyType::integer, "5000",
     "longest wait for a connection", 10, 600000},
    {"http.timeout_ms", "AM_HTTP_TIMEOUT_MS", KeyType::integer, "30000", "longest wait for one whole answer",
     10, 600000},
    {"retry.attempts", "AM_RETRY_ATTEMPTS", KeyType::integer, "3",
     "attempts of a request, the first included", 1, 20},
    {"retry.base_ms", "AM_RETRY_BASE_MS", KeyType::integer, "500",
     "first wait before a further attempt, at most", 0, 60000},
    {"retry.cap_ms", "AM_RETRY_CAP_MS", KeyType::integer, "5000", "longest wait before a further attempt", 0,
     600000},
    {"server.port", "PORT", KeyType::integer, "8080", "port of serve-readonly, on every address", 0, 65535},
    {"server.listen", "AM_LISTEN", KeyType::text, "",
     "where serve-readonly listens instead: PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH"},
    {"server.base_path", "AM_SERVER_BASE_PATH", KeyType::text, "",
     "path that a proxy serves it under, such as /am; empty: its root"},
    {"server.cors_allow_origins", "CORS_ALLOW_ORIGINS", KeyType::text, "",
     "origins whose pages may read the API, with commas between; https://*.host for all below it, * for any"},
    {"server.workers", "AM_SERVER_WORKERS", KeyType::integer, "0", "threads that serve; 0: one per core", 0,
     256},
    {"server.readers", "AM_SERVER_READERS", KeyType::integer, "4",
     "connections to the database, besides one for the health checks", 1, 64},
    {"server.max_connections", "AM_SERVER_MAX_CONNECTIONS", KeyType::integer, "4096",
     "clients at once; more are answered 503", 1, 100000},
    {"server.max_connections_per_address", "AM_SERVER_MAX_CONNECTIONS_PER_ADDRESS", KeyType::integer, "2048",
     "clients at once from one address; more are answered 429", 1, 100000},
    {"server.fresh_ms", "AM_SERVER_FRESH_MS", KeyType::integer, "1000",
     "how long an answer is kept before it is read again; 0: never kept", 0, 60000},
    {"server.read_timeout_ms", "AM_SERVER_READ_TIMEOUT_MS", KeyType::integer, "2000",
     "longest wait for the database", 100, 60000},
    {"alerts.resend_api_key", "RESEND_API_KEY", KeyType::secret, "",
     "key of the Resend e-mail API; without it alerts are log lines"},
    url("alerts.resend_base_url", "RESEND_BASE_URL", "https://api.resend.com", "server of the e-mail API",
        "/emails"),
    {"alerts.email_to", "ALERT_EMAIL_TO", KeyType::text, "",
     "who is told of a failure; several with commas between"},
    {"alerts.email_from", "ALERT_EMAIL_FROM", KeyType::text, "", "sender of the alerts"},
    {"pings.due", "AM_PING_DUE", KeyType::secret, "", "dead-man's-switch URL of `am due --run`"},
    {"pings.run_weekly", "AM_PING_RUN_WEEKLY", KeyType::secret, "",
     "dead-man's-switch URL of `am run-weekly`"},
    {"pings.checkpoint", "AM_PING_CHECKPOINT", KeyType::secret, "",
     "dead-man's-switch URL of `am checkpoint --due`"},
    {"ledger.lease_s", "AM_LEASE_S", KeyType::integer, "120",
     "how long a claim outlives a process that vanished with its machine", 5, 86400},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

std::optional<std::string> ConfigKey::meant(std::string_view value) const {
  const std::string lower = to_lower(value);
  const std::string_view word = lower == "warning" ? "warn" : std::string_view(lower);
  for (const std::string_view each : allowed) {
    const std::string_view prefix = each.substr(0, each.find(':') + 1);  // empty: nothing goes on
    if (each == word) return std::string(each);
    if (!prefix.empty() && value.size() > prefix.size() && value.starts_with(prefix))
      return std::string(value);
  }
  return std::nullopt;
}

}  // namespace am::kernel
