// What a scheduled command tells others about itself: pings and alerts. The other things of Context are in context.cpp.

#include "am/cli/context.hpp"
#include "am/kernel/http_client.hpp"

namespace am::cli {

namespace {

kernel::Alerts::Problem problem_of(const std::string& command, const Outcome& outcome, ExitCode code) {
  kernel::Alerts::Problem problem{.command = command, .code = code, .text = {}};
  if (code == ExitCode::partial && !outcome.lost.empty()) {
    problem.text = outcome.lost;
  } else if (outcome.error) {
    problem.text = outcome.error->message();
    if (!outcome.error->hint().empty()) problem.text += "\nhint: " + outcome.error->hint();
  }
  if (!outcome.slot.empty()) problem.details += "slot " + outcome.slot + "\n";
  if (!outcome.run_id.empty()) problem.details += "am runs show " + outcome.run_id + "\n";
  return problem;
}

}  // namespace

kernel::MailOptions Context::mail() const {
  kernel::MailOptions mail;
  if (config.is_set("alerts.resend_api_key")) mail.api_key = config.secret("alerts.resend_api_key");
  mail.base_url = config.text("alerts.resend_base_url");
  mail.to = config.text("alerts.email_to");
  mail.from = config.text("alerts.email_from");
  return mail;
}

std::string Context::deployment() const {
  return config.is_set("database.url") ? kernel::loggable_url(config.secret("database.url")) : "";
}

kernel::Db* Context::alerts_db() {
  try {
    kernel::Db& db = raw_db();
    db.query("SELECT id FROM ops.effects LIMIT 0");
    return &db;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void Context::announce(const std::string& ping) {
  if (options.now) return;
  announced_ = true;
  const std::string key = "pings." + ping;
  if (!config.is_set(key)) return;
  const std::string& url = config.secret(key);
  if (!kernel::is_ping_url(url)) {
    log.warn(key + ": not an http or https URL, so nobody is pinged");
    return;
  }
  pings_ = std::make_unique<kernel::Pings>(http("ping", {}, retry_policy(kernel::kPingBudget)), log, url);
  pings_->start();
}

void Context::conclude(const std::string& command, const Outcome& outcome) {
  if (!announced_) return;
  try {
    const bool done = outcome.kind == OutcomeKind::changed || outcome.kind == OutcomeKind::unchanged;
    if (pings_ && kernel::is_failure(outcome.exit)) pings_->fail();
    if (pings_ && outcome.exit == ExitCode::ok && done && !outcome.pending) pings_->success();
    const bool lost = !outcome.lost.empty() && outcome.exit != ExitCode::partial;
    const bool attention = kernel::needs_attention(outcome.exit);
    if (!lost && !attention && outcome.doubtful.empty()) return;
    const kernel::MailOptions options_of_mail = mail();
    kernel::Db* db = options_of_mail.api_key.empty() ? nullptr : alerts_db();
    kernel::Alerts alerts(http("resend"), log, db, options_of_mail, deployment());
    if (lost) alerts.tell(problem_of(command, outcome, ExitCode::partial));
    if (attention) alerts.tell(problem_of(command, outcome, outcome.exit));
    if (!outcome.doubtful.empty()) alerts.tell_doubt(command, outcome.doubtful);
  } catch (const Error& error) {
    log.error("the alert could not be sent", {{"error", error.message()}, {"hint", error.hint()}});
  } catch (const std::exception& error) {
    log.error("the alert could not be sent", {{"error", error.what()}});
  }
}

}  // namespace am::cli
