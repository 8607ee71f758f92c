// Alerts and pings by hand: tests of both, and what systemd starts when a unit fails.

#include <algorithm>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/alerts.hpp"
#include "cli/commands.hpp"
#include "cli/config_values.hpp"

namespace am::cli {

namespace {

const char* result_text(kernel::AlertResult result) {
  switch (result) {
    case kernel::AlertResult::sent:
      return "sent";
    case kernel::AlertResult::known:
      return "sent before";
    case kernel::AlertResult::logged:
      return "written to the log: RESEND_API_KEY is not set";
  }
  return "sent";
}

Outcome of_result(kernel::AlertResult result) {
  Outcome outcome;
  outcome.kind = result == kernel::AlertResult::known ? OutcomeKind::unchanged : OutcomeKind::changed;
  outcome.table = std::string(result_text(result)) + "\n";
  outcome.data = result == kernel::AlertResult::sent    ? R"({"result":"sent"})"
                 : result == kernel::AlertResult::known ? R"({"result":"known"})"
                                                        : R"({"result":"logged"})";
  return outcome;
}

// --- alert test -------------------------------------------------------------------------------------------

struct AlertTestOptions {};

void alert_test_flags(Flags& /*f*/, AlertTestOptions& /*o*/) {}

Outcome alert_test(const AlertTestOptions& /*o*/, Context& context) {
  const kernel::MailOptions mail = context.mail();
  if (mail.api_key.empty()) {
    throw Error(ErrorKind::config, "RESEND_API_KEY: not set, so alerts are lines of the log at level error",
                "set RESEND_API_KEY, ALERT_EMAIL_TO and ALERT_EMAIL_FROM, or leave it at that");
  }
  kernel::Alert alert;
  alert.key = "alert-test/" + format_rfc3339(kernel::SystemClock().now());
  alert.subject = "am alert test";
  alert.text = "This is what an alert of am looks like. Nothing is wrong.\n";
  return of_result(kernel::send_alert(context.http("resend"), context.log, nullptr, mail, alert));
}

// --- alert unit -------------------------------------------------------------------------------------------

struct AlertUnitOptions {
  std::string unit;
};

void alert_unit_flags(Flags& f, AlertUnitOptions& o) {
  f.word("unit", o.unit, "the unit that failed, as systemd's %i gives it");
}

/// "am-run-weekly.service" → "run-weekly".
std::string command_of(std::string unit) {
  if (unit.ends_with(".service")) unit.resize(unit.size() - 8);
  return unit.starts_with("am-") ? unit.substr(3) : unit;
}

/// Ended by itself with a code that the next run may well repair: nobody is woken for it. A timeout also exits with
/// such a code, once systemd has asked it to end; only the result tells.
bool repairs_itself(const std::string& result, const std::string& status) {
  if (result != "exit-code") return false;
  return std::any_of(exit_codes().begin(), exit_codes().end(), [&](const ExitCodeInfo& info) {
    return std::to_string(static_cast<int>(info.code)) == status && !kernel::needs_attention(info.code);
  });
}

Outcome alert_unit(const AlertUnitOptions& o, Context& context) {
  // It may be what the unit failed of; what is left of it may still do to tell.
  if (context.options.config_refused)
    context.log.warn("a part of the configuration is refused",
                     {{"error", context.options.config_refused->message()}});
  const std::string unit = ellipsize(o.unit, 120);
  // What systemd tells the units that it starts for a failure (systemd.exec, MONITOR_*).
  const std::string result = ellipsize(context.environment.variable("MONITOR_SERVICE_RESULT"), 80);
  const std::string status = ellipsize(context.environment.variable("MONITOR_EXIT_STATUS"), 80);
  if (repairs_itself(result, status)) {
    Outcome outcome;
    outcome.table = "nothing is told of exit code " + status + ": a later run can succeed\n";
    outcome.data = R"({"result":"none"})";
    return outcome;
  }
  kernel::Alert alert;
  alert.key = kernel::alert_key(command_of(unit), status.empty() ? "unit" : status,
                                kernel::SystemClock().now(), context.deployment());
  alert.subject =
      unit + " failed" + (result.empty() ? "" : ": " + result) + (status.empty() ? "" : " (" + status + ")");
  alert.text = "journalctl --unit " + unit + " says more.\nam runs list --status failed\n";
  kernel::Db* db = nullptr;
  const kernel::MailOptions mail = context.mail();
  if (!mail.api_key.empty()) db = context.alerts_db();
  return of_result(kernel::send_alert(context.http("resend"), context.log, db, mail, alert));
}

// --- ping test --------------------------------------------------------------------------------------------

struct PingTestOptions {};

void ping_test_flags(Flags& /*f*/, PingTestOptions& /*o*/) {}

Outcome run_ping_test(const PingTestOptions& /*o*/, Context& context) {
  Outcome outcome;
  std::vector<std::string> unreached;
  for (const std::string& key : ping_keys(context.config)) {
    if (!context.config.is_set(key)) continue;
    kernel::Pings pings(context.http("ping", {}, context.retry_policy(kernel::kPingBudget)), context.log,
                        context.config.secret(key));
    const bool reached = pings.start() && pings.success();
    outcome.table += key + ": " + (reached ? "reached" : "not reached") + "\n";
    if (!reached) unreached.push_back(key);
  }
  if (outcome.table.empty()) {
    throw Error(ErrorKind::config, "no ping is configured",
                "set AM_PING_DUE, or another one of am config show, to a dead-man's-switch URL");
  }
  outcome.kind = OutcomeKind::changed;
  if (!unreached.empty()) {
    const Outcome failed = outcome_of(Error(ErrorKind::unavailable, join(unreached, ", ") + ": not reached",
                                            "the log says why; check the URL: am config show --origin"));
    outcome.kind = failed.kind;
    outcome.exit = failed.exit;
    outcome.error = failed.error;
  }
  return outcome;
}

}  // namespace

std::vector<Command> alert() {
  return {make_command<AlertTestOptions>({.path = "alert test",
                                          .summary = "send a test alert by e-mail",
                                          .details = "",
                                          .examples = {"am alert test"},
                                          .exits = {ExitCode::data, ExitCode::deferred, ExitCode::denied},
                                          .config = {"alerts.resend_api_key", "alerts.resend_base_url",
                                                     "alerts.email_to", "alerts.email_from"}},
                                         alert_test_flags, alert_test),
          make_command<AlertUnitOptions>(
              {.path = "alert unit",
               .summary = "tell that a systemd unit failed (OnFailure=am-alert@%n.service)",
               .details = "For what no command can tell itself: a crash, a kill, a timeout. What a command "
                          "has told already is not told again: both use the same key for a command, exit "
                          "code and day.",
               .examples = {"am alert unit am-due.service"},
               .exits = {ExitCode::data, ExitCode::deferred, ExitCode::denied},
               .config = {"database.url", "alerts.resend_api_key", "alerts.resend_base_url",
                          "alerts.email_to", "alerts.email_from"},
               .any_config = true},
              alert_unit_flags, alert_unit)};
}

Command ping_test() {
  return make_command<PingTestOptions>(
      {.path = "ping test",
       .summary = "ping every configured dead-man's switch: start, then success",
       .details = "It counts as a run there: the switch is quiet until the next run is due.",
       .examples = {"am ping test"},
       .exits = {},
       .config = config_of({"pings"})},
      ping_test_flags, run_ping_test);
}

}  // namespace am::cli
