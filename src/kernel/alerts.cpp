#include "am/kernel/alerts.hpp"

#include <functional>

#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/new_york.hpp"
#include "am/kernel/version.hpp"

namespace am::kernel {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kEffect = "alert_email";
constexpr std::chrono::milliseconds kMailTimeout = std::chrono::seconds(10);
constexpr std::size_t kMaxAnswer = 64U << 10U;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

HttpRequest mail_request(const MailOptions& options, const Alert& alert) {
  Json to = Json::array();
  for (const std::string& address : split(options.to, ',')) {
    if (!trim(address).empty()) to.push_back(trim(address));
  }
  if (to.empty())
    throw Error(ErrorKind::config, "ALERT_EMAIL_TO: not set, but RESEND_API_KEY is",
                "set it to who is to be told");
  if (options.from.empty())
    throw Error(ErrorKind::config, "ALERT_EMAIL_FROM: not set, but RESEND_API_KEY is",
                "set it to a sender that Resend has verified");
  HttpRequest request;
  request.method = "POST";
  request.url = options.base_url + "/emails";
  request.headers = {{"Authorization", "Bearer " + options.api_key},
                     {"Content-Type", "application/json"},
                     {"Idempotency-Key", alert.key}};
  request.body = dump(Json{{"from", options.from},
                           {"to", to},
                           {"subject", printable(alert.subject)},
                           {"text", printable_lines(alert.text)}});
  request.timeout = kMailTimeout;
  request.max_body = kMaxAnswer;
  return request;
}

std::string meaning_of(ExitCode code) {
  for (const ExitCodeInfo& info : exit_codes()) {
    if (info.code == code) return std::string(info.meaning);
  }
  return "unknown";
}

std::string with_line_feed(std::string text) {
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

/// 409: the key was used before, with another text or a moment ago by another process. The mail is on its way.
Verdict judge_mail(const HttpResponse& response) {
  return response.status == 409 ? Verdict{} : judge_status(response);
}

}  // namespace

bool needs_attention(ExitCode code) {
  switch (code) {
    case ExitCode::failure:
    case ExitCode::partial:
    case ExitCode::data:
    case ExitCode::needs_human:
    case ExitCode::denied:
    case ExitCode::config:
      return true;
    case ExitCode::ok:
    case ExitCode::found:
    case ExitCode::busy:
    case ExitCode::exists:
    case ExitCode::usage:
    case ExitCode::no_input:
    case ExitCode::unavailable:  // the next run tries again; the dead-man's switch knows when it lasts
    case ExitCode::deferred:
    case ExitCode::interrupted:
    case ExitCode::terminated:
      return false;
  }
  return true;
}

bool is_failure(ExitCode code) {
  switch (code) {
    case ExitCode::ok:
    case ExitCode::found:
    case ExitCode::busy:
    case ExitCode::exists:
    case ExitCode::deferred:
    case ExitCode::interrupted:
    case ExitCode::terminated:
      return false;
    case ExitCode::failure:
    case ExitCode::partial:
    case ExitCode::usage:
    case ExitCode::data:
    case ExitCode::no_input:
    case ExitCode::unavailable:
    case ExitCode::needs_human:
    case ExitCode::denied:
    case ExitCode::config:
      return true;
  }
  return true;
}

std::string alert_key(std::string_view command, std::string_view code, Instant now,
                      std::string_view deployment) {
  return notice_key(command, printable(code) + "/" + new_york_date(now).to_string(), deployment);
}

std::string notice_key(std::string_view command, std::string_view name, std::string_view deployment) {
  constexpr std::size_t kHashDigits = 12;
  return "alert/" + printable(command) + "/" + printable(name) + "/" +
         sha256_hex(deployment).substr(0, kHashDigits);
}

AlertResult send_alert(HttpClient& http, Log& log, Db* db, const MailOptions& options, const Alert& alert) {
  if (options.api_key.empty()) {
    log.error("alert", {{"subject", alert.subject}, {"text", alert.text}});
    return AlertResult::logged;
  }
  const HttpRequest request = mail_request(options, alert);
  // A database that takes no write is one of the things that are told of.
  const auto remember = [&](const std::function<void()>& work) {
    if (db == nullptr) return;
    try {
      work();
    } catch (const Error& error) {
      log.warn("the alert is not remembered, so only the vendor knows it", {{"error", error.message()}});
    }
  };
  bool known = false;
  remember([&] {
    const std::string subject = dump(Json{{"subject", alert.subject}});
    known = begin_effect(*db, std::nullopt, kEffect, alert.key, subject).state == Effect::State::done;
  });
  if (known) return AlertResult::known;
  const HttpResponse response = http.send(request, judge_mail);
  remember([&] { end_effect(*db, alert.key, Effect::State::done, dump(Json{{"status", response.status}})); });
  log.info("alert sent", {{"subject", alert.subject}});
  return response.status == 409 ? AlertResult::known : AlertResult::sent;
}

Alerts::Alerts(HttpClient& http, Log& log, Db* db, MailOptions mail, std::string deployment)
    : http_(http), log_(log), db_(db), mail_(std::move(mail)), deployment_(std::move(deployment)) {}

std::optional<AlertResult> Alerts::tell(const Problem& problem) noexcept {
  try {
    const std::string name(exit_code_name(problem.code));
    const std::string number = std::to_string(static_cast<int>(problem.code));
    const std::string meaning = meaning_of(problem.code);
    return send(problem.command, alert_key(problem.command, number, Clock::wall(), deployment_),
                name + " (" + number + ")",
                with_line_feed(problem.text.empty() ? meaning : problem.text) + "\n" + name + ": " + meaning +
                    "\n" + with_line_feed(problem.details) + "The same problem is told once a day.");
  } catch (const std::exception& error) {
    log_.error("the alert could not be sent", {{"error", error.what()}});
  }
  return std::nullopt;
}

std::optional<AlertResult> Alerts::tell_doubt(const std::string& command, const std::string& text) noexcept {
  constexpr std::size_t kHashDigits = 12;
  try {
    const std::string code = "doubt-" + sha256_hex(text).substr(0, kHashDigits);
    return send(command, alert_key(command, code, Clock::wall(), deployment_), "somebody has to look",
                with_line_feed(text) + "\nIt is told once.");
  } catch (const std::exception& error) {
    log_.error("the alert could not be sent", {{"error", error.what()}});
  }
  return std::nullopt;
}

std::optional<AlertResult> Alerts::tell_notice(const std::string& command, const std::string& name,
                                               const std::string& problem, const std::string& text) noexcept {
  try {
    return send(command, notice_key(command, name, deployment_), problem, with_line_feed(text));
  } catch (const std::exception& error) {
    log_.error("the alert could not be sent", {{"error", error.what()}});
  }
  return std::nullopt;
}

std::optional<AlertResult> Alerts::send(const std::string& command, std::string key,
                                        const std::string& problem, const std::string& text) noexcept {
  try {
    Alert alert;
    alert.key = std::move(key);
    alert.subject = "am " + command + " on " + Holder::self().host + ": " + problem;
    alert.text = text + " am " + std::string(version()) + "\n";
    return send_alert(http_, log_, db_, mail_, alert);
  } catch (const Error& error) {
    log_.error("the alert could not be sent", {{"error", error.message()}, {"hint", error.hint()}});
  } catch (const std::exception& error) {
    log_.error("the alert could not be sent", {{"error", error.what()}});
  }
  return std::nullopt;
}

bool is_ping_url(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

Pings::Pings(HttpClient& http, Log& log, std::string url)
    : http_(http), log_(log), url_(std::move(url)), run_id_(new_id()) {}

bool Pings::send(std::string_view what) {
  const std::size_t question = std::min(url_.find('?'), url_.size());
  HttpRequest request;
  request.url = url_.substr(0, question);
  if (request.url.ends_with("/")) request.url.pop_back();
  request.url += std::string(what) + "?rid=" + run_id_;
  if (question + 1 < url_.size()) request.url += "&" + url_.substr(question + 1);
  request.timeout = kPingBudget;
  request.connect_timeout = kPingBudget;
  request.max_body = kMaxAnswer;
  request.secret_path = true;
  try {
    http_.send(request);
    return true;
  } catch (const Error& error) {
    log_.warn("the dead-man's switch was not reached", {{"error", error.message()}});
    return false;
  }
}

}  // namespace am::kernel
