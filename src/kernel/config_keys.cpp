// The keys of the program itself, and how the tables of all layers become one.

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/schedule.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kLevels[] = {"auto", "debug", "info", "warn", "error", "off"};
constexpr std::string_view kFormats[] = {"auto", "json", "text"};

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
    {"alerts.resend_api_key", "RESEND_API_KEY", KeyType::secret, "",
     "key of the Resend e-mail API; without it alerts are log lines"},
    url_key("alerts.resend_base_url", "RESEND_BASE_URL", "https://api.resend.com", "server of the e-mail API",
            "/emails"),
    {"alerts.email_to", "ALERT_EMAIL_TO", KeyType::text, "",
     "who is told of a failure; several with commas between"},
    {"alerts.email_from", "ALERT_EMAIL_FROM", KeyType::text, "", "sender of the alerts"},
    {"amqp.connection_string", "AZURE_SERVICE_BUS_CONNECTION_STRING", KeyType::secret, "",
     "message broker of queues over AMQP: a connection string of Service Bus, or amqp(s)://user:password@host:port/queue"},
    {"ledger.lease_s", "AM_LEASE_S", KeyType::integer, "120",
     "how long a claim outlives a process that vanished with its machine", 5, 86400},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

ConfigTable::ConfigTable(std::span<const std::span<const ConfigKey>> parts,
                         std::span<const Schedule* const> schedules) {
  for (const std::span<const ConfigKey> part : parts) keys_.insert(keys_.end(), part.begin(), part.end());
  for (const Schedule* schedule : schedules) {
    const auto own = [&](std::string text) -> std::string_view {
      return texts_.emplace_back(std::move(text));
    };
    keys_.push_back({own(ping_key(schedule->name)), own(ping_variable(schedule->name)), KeyType::secret, "",
                     own("dead-man's-switch URL of `am " + std::string(schedule->call) + "`")});
  }
  for (const ConfigKey& key : keys_) {
    const auto same = [&](const ConfigKey& other) {
      return other.name == key.name || (!key.env.empty() && other.env == key.env);
    };
    if (std::ranges::count_if(keys_, same) != 1)
      throw Error(ErrorKind::bug,
                  "configuration key " + std::string(key.name) + ": its name or variable is there twice");
  }
}

const ConfigKey* ConfigTable::find(std::string_view name) const {
  const auto found = std::ranges::find(keys_, name, &ConfigKey::name);
  return found == keys_.end() ? nullptr : &*found;
}

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
