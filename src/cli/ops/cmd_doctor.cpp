#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/alerts.hpp"
#include "am/kernel/doctor.hpp"
#include "am/kernel/rate_limit.hpp"
#include "cli/commands.hpp"
#include "cli/config_values.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using kernel::Check;

constexpr const char* kPingKeys[] = {"pings.due", "pings.run_weekly", "pings.checkpoint"};

struct DoctorOptions {
  bool offline = false;
};

void doctor_flags(Flags& f, DoctorOptions& o) {
  f.on("--offline", o.offline, "ask no vendor's host whether it can be reached");
}

using Checks = std::vector<Check>;

bool asks_openai(const kernel::Config& config) { return config.text("picks.picker") == "openai"; }
bool asks(const kernel::Config& config, const char* source) { return config.text("picks.prices") == source; }

// --- configuration ------------------------------------------------------------------------------------------

void check_configuration(Checks& checks, Context& context) {
  const std::string name = "configuration";
  const std::string& file = context.config.file();
  if (context.options.config_refused) {
    checks.push_back(kernel::failed_by(name, *context.options.config_refused));
  } else {
    const std::vector<Error> unusable = unusable_values(context);
    for (const Error& error : unusable) checks.push_back(kernel::failed_by(name, error));
    if (unusable.empty())
      checks.push_back(kernel::passed(name, file.empty() ? "no file: environment and defaults" : file));
  }
  for (const auto& [variable, value] : context.environment.env) {
    if (!variable.starts_with("HATCHET_")) continue;
    checks.push_back(kernel::warned("old settings",
                                    variable + " is set, and ignored: no workflow engine is used",
                                    "take the HATCHET_* variables out of the environment"));
    break;
  }
}

/// A secret that the configured work needs.
void check_secret(Checks& checks, const kernel::Config& config, const char* key, const std::string& why) {
  try {
    config.secret(key);
    checks.push_back(kernel::passed(key, "set, for " + why));
  } catch (const Error& error) {
    checks.push_back(kernel::failed(key, error.message() + " (needed for " + why + ")", error.hint()));
  }
}

void check_secrets(Checks& checks, const kernel::Config& config) {
  if (asks_openai(config)) check_secret(checks, config, "openai.api_key", "picker openai");
  if (asks(config, "alpha-vantage"))
    check_secret(checks, config, "alpha_vantage.api_key", "price source alpha-vantage");
  if (asks(config, "stooq")) check_secret(checks, config, "stooq.api_key", "price source stooq");
}

/// Nobody can ask the vendor which plan a key has, so it is only said.
void check_limits(Checks& checks, const kernel::Config& config) {
  constexpr int kFreeADay = 25;
  if (!asks(config, "alpha-vantage")) return;
  const std::string& limits = config.text("alpha_vantage.limits");
  const auto windows = kernel::parse_rate_windows(limits);
  const bool fits_a_free_key = std::ranges::any_of(windows, [](const kernel::RateWindow& window) {
    return window.period == std::chrono::hours(24) && window.limit <= kFreeADay;
  });
  checks.push_back(kernel::passed(
      "alpha_vantage.limits",
      limits + (fits_a_free_key ? "" : " (a free key has 25 requests a day: for one set 1/s,25/day)")));
}

void check_alerts(Checks& checks, const kernel::Config& config) {
  std::vector<std::string> missing;
  for (const kernel::ConfigKey& key : kernel::config_keys()) {
    const bool part = key.name == "alerts.resend_api_key" || key.name == "alerts.email_to" ||
                      key.name == "alerts.email_from";
    if (part && !config.is_set(key.name)) missing.emplace_back(key.env);
  }
  if (missing.empty()) {
    checks.push_back(kernel::passed("alerts", "by e-mail to " + config.text("alerts.email_to")));
  } else if (missing.size() == 3) {
    checks.push_back(kernel::passed("alerts", "log lines only: no e-mail is configured"));
  } else {
    checks.push_back(
        kernel::warned("alerts", "no e-mail is sent: " + join(missing, ", ") + " not set",
                       "set all of RESEND_API_KEY, ALERT_EMAIL_TO and ALERT_EMAIL_FROM, or none"));
  }
}

/// One that is no URL is told with the configuration.
void check_pings(Checks& checks, const kernel::Config& config) {
  for (const char* key : kPingKeys) {
    if (config.is_set(key) && kernel::is_ping_url(config.secret(key)))
      checks.push_back(kernel::passed(key, "set"));
  }
}

// --- files --------------------------------------------------------------------------------------------------

/// The files that secrets came from; systemd guards its credentials itself.
void check_files(Checks& checks, const Context& context) {
  std::vector<std::string> paths;
  for (const kernel::Config::Origin& origin : context.config.origins()) {
    if (origin.key->type != kernel::KeyType::secret || !origin.origin.starts_with("file ")) continue;
    const auto named = context.environment.env.find(std::string(origin.key->env) + "_FILE");
    const bool own = named != context.environment.env.end() && origin.origin == "file " + named->second;
    const std::string path = own ? named->second : context.config.file();
    if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
  }
  for (const std::string& path : paths) checks.push_back(kernel::check_secret_file("secret file", path));
}

// --- database and hosts -------------------------------------------------------------------------------------

void append_checks(Checks& checks, Checks more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

void check_the_database(Checks& checks, const Context& context) {
  const bool is_set = context.config.is_set("database.url");
  if (context.options.config_refused && !is_set)
    return append_checks(checks, kernel::skip_database("the configuration comes first"));
  kernel::DbOptions db = context.db_limits();
  db.url = is_set ? context.config.secret("database.url") : "";
  db.application_name = "am doctor";
  append_checks(checks, kernel::check_database(db, context.clock));
}

std::vector<kernel::ProbedHost> used_hosts(const kernel::Config& config) {
  std::vector<kernel::ProbedHost> hosts;
  if (asks_openai(config)) hosts.push_back({"host of openai", config.text("openai.base_url")});
  if (asks(config, "alpha-vantage"))
    hosts.push_back({"host of alpha-vantage", config.text("alpha_vantage.base_url")});
  if (asks(config, "stooq")) hosts.push_back({"host of stooq", config.text("stooq.base_url")});
  if (config.is_set("alerts.resend_api_key"))
    hosts.push_back({"host of alerts", config.text("alerts.resend_base_url")});
  for (const char* key : kPingKeys) {
    if (config.is_set(key) && kernel::is_ping_url(config.secret(key)))
      hosts.push_back({"host of " + std::string(key), config.secret(key)});
  }
  return hosts;
}

void check_used_hosts(Checks& checks, Context& context, bool offline) {
  const std::vector<kernel::ProbedHost> hosts = used_hosts(context.config);
  if (offline || context.options.config_refused) {
    if (!hosts.empty())
      checks.push_back(kernel::skipped("hosts", offline ? "--offline" : "the configuration comes first"));
    return;
  }
  append_checks(checks, kernel::check_hosts(context.transport(), hosts));
}

// --- the result ---------------------------------------------------------------------------------------------

Tone tone_of(Check::State state) {
  switch (state) {
    case Check::State::ok:
      return Tone::good;
    case Check::State::warning:
      return Tone::warning;
    case Check::State::failed:
      return Tone::bad;
    case Check::State::skipped:
      return Tone::plain;
  }
  return Tone::plain;
}

std::string checks_text(const Checks& checks, bool color) {
  Table table({"check", "state", "detail"});
  std::string hints;
  for (const Check& check : checks) {
    table.add(
        {check.name, Cell(std::string(check_state_name(check.state)), tone_of(check.state)), check.detail});
    if (!check.hint.empty())
      hints += painted("hint:", Tone::warning, color) + " " + check.name + ": " + check.hint + "\n";
  }
  return table.text(color) + (hints.empty() ? "" : "\n" + hints);
}

Outcome doctor_run(const DoctorOptions& o, Context& context) {
  Checks checks;
  check_configuration(checks, context);
  if (context.options.config_refused) {
    checks.push_back(kernel::skipped("secrets, alerts, pings", "the configuration comes first"));
  } else {
    check_secrets(checks, context.config);
    check_limits(checks, context.config);
    check_alerts(checks, context.config);
    check_pings(checks, context.config);
  }
  check_files(checks, context);
  append_checks(checks, kernel::check_machine(context.environment.transport == nullptr));
  check_the_database(checks, context);
  check_used_hosts(checks, context, o.offline);

  Outcome outcome;
  outcome.table = checks_text(checks, context.options.color);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  long long counted[4] = {};
  for (const Check& check : checks) {
    ++counted[static_cast<std::size_t>(check.state)];
    list.push_back(
        {{"name", check.name},
         {"state", check_state_name(check.state)},
         {"detail", check.detail},
         {"hint", check.hint.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(check.hint)}});
  }
  outcome.data = nlohmann::ordered_json{{"checks", list}}.dump();
  for (const Check::State state :
       {Check::State::ok, Check::State::warning, Check::State::failed, Check::State::skipped}) {
    outcome.counts.emplace_back(check_state_name(state), counted[static_cast<std::size_t>(state)]);
  }
  if (counted[static_cast<std::size_t>(Check::State::warning)] +
          counted[static_cast<std::size_t>(Check::State::failed)] >
      0) {
    outcome.kind = OutcomeKind::found;
    outcome.exit = ExitCode::found;
    for (const Check& check : checks) {
      if (context.options.quiet && !check.hint.empty())
        context.log.warn(check.name + ": " + check.detail, {{"hint", check.hint}});
    }
  }
  return outcome;
}

}  // namespace

Command doctor_command() {
  return make_command<DoctorOptions>(
      {.path = "doctor",
       .summary = "check configuration, secrets, machine, database and the vendors' hosts",
       .details =
           "Looks only: writes nothing, spends no quota, sends the vendors nothing (it connects and hangs up). "
           "It does not stop at the first problem; a check that needs another one is skipped.",
       .examples = {"am doctor", "am doctor --offline -o json"},
       .exits = {ExitCode::found},
       .config = {"database.url", "picks.picker", "picks.prices", "openai.api_key", "openai.base_url",
                  "alpha_vantage.api_key", "alpha_vantage.base_url", "alpha_vantage.limits", "stooq.api_key",
                  "stooq.base_url", "alerts.resend_api_key", "alerts.resend_base_url", "alerts.email_to",
                  "alerts.email_from", "pings.due", "pings.run_weekly", "pings.checkpoint"},
       .any_config = true},
      doctor_flags, doctor_run);
}

}  // namespace am::cli
