#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/alerts.hpp"
#include "am/kernel/doctor.hpp"
#include "cli/commands.hpp"
#include "cli/config_values.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using kernel::Check;

struct DoctorOptions {
  bool offline = false;
};

void doctor_flags(Flags& f, DoctorOptions& o) {
  f.on("--offline", o.offline, "ask no vendor's host whether it can be reached");
}

using Checks = std::vector<Check>;

/// A desks.enabled that can't be read is told with the configuration.
DeskFaces desks_here(const kernel::Config& config) {
  try {
    return enabled_desks(config);
  } catch (const Error&) {
    return {};
  }
}

/// What the enabled desks need, each thing once.
kernel::Requirements requirements_of(const DeskFaces& faces, const kernel::Config& config) {
  kernel::Requirements all;
  for (const DeskFace& face : faces) {
    if (face.desk->requirements != nullptr) all.add(face.desk->requirements(config));
  }
  const auto once = [](auto& list, auto member) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto same = [&](const auto& other) { return other.*member == list[i].*member; };
      list.erase(std::remove_if(list.begin() + static_cast<std::ptrdiff_t>(i) + 1, list.end(), same),
                 list.end());
    }
  };
  once(all.secrets, &kernel::Requirements::Secret::key);
  once(all.hosts, &kernel::ProbedHost::name);
  once(all.remarks, &Check::name);
  return all;
}

void append_checks(Checks& checks, Checks more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

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

/// Secrets that the configured work needs.
void check_secrets(Checks& checks, const kernel::Config& config, const kernel::Requirements& needed) {
  for (const auto& [key, why] : needed.secrets) {
    try {
      config.secret(key);
      checks.push_back(kernel::passed(key, "set, for " + why));
    } catch (const Error& error) {
      checks.push_back(kernel::failed(key, error.message() + " (needed for " + why + ")", error.hint()));
    }
  }
}

void check_alerts(Checks& checks, const kernel::Config& config) {
  std::vector<std::string> missing;
  for (const kernel::ConfigKey& key : config.keys()) {
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
  for (const std::string& key : ping_keys(config)) {
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

void check_the_database(Checks& checks, const Context& context, const DeskFaces& faces) {
  const bool is_set = context.config.is_set("database.url");
  if (context.options.config_refused && !is_set)
    return append_checks(checks, kernel::skip_database("the configuration comes first"));
  kernel::DbOptions db = context.db_limits();
  db.url = is_set ? context.config.secret("database.url") : "";
  db.application_name = "am doctor";
  std::vector<std::string_view> tables;
  for (const DeskFace& face : faces)
    tables.insert(tables.end(), face.desk->tables.begin(), face.desk->tables.end());
  append_checks(checks, kernel::check_database(db, context.clock, tables));
}

std::vector<kernel::ProbedHost> used_hosts(const kernel::Config& config, const kernel::Requirements& needed) {
  std::vector<kernel::ProbedHost> hosts = needed.hosts;
  if (config.is_set("alerts.resend_api_key"))
    hosts.push_back({"host of alerts", config.text("alerts.resend_base_url")});
  for (const std::string& key : ping_keys(config)) {
    if (config.is_set(key) && kernel::is_ping_url(config.secret(key)))
      hosts.push_back({"host of " + key, config.secret(key)});
  }
  return hosts;
}

void check_used_hosts(Checks& checks, Context& context, const kernel::Requirements& needed, bool offline) {
  const std::vector<kernel::ProbedHost> hosts = used_hosts(context.config, needed);
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
  const DeskFaces faces = desks_here(context.config);
  const kernel::Requirements needed = requirements_of(faces, context.config);
  check_configuration(checks, context);
  if (context.options.config_refused) {
    checks.push_back(kernel::skipped("secrets, alerts, pings", "the configuration comes first"));
  } else {
    check_secrets(checks, context.config, needed);
    append_checks(checks, needed.remarks);
    check_alerts(checks, context.config);
    check_pings(checks, context.config);
  }
  check_files(checks, context);
  append_checks(checks, kernel::check_machine(context.environment.transport == nullptr));
  check_the_database(checks, context, faces);
  check_used_hosts(checks, context, needed, o.offline);
  if (!context.options.config_refused) {
    for (const DeskFace& face : faces) {
      if (face.probes != nullptr) append_checks(checks, face.probes(context, o.offline));
    }
  }

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
       .config = config_of({"database.url", "desks.enabled", "alerts", "pings"}, true),
       .any_config = true},
      doctor_flags, doctor_run);
}

}  // namespace am::cli
