#pragma once
// Telling people and monitors how a scheduled command went: an e-mail through Resend for what needs somebody, and pings
// of a dead-man's switch, which notices the run that never was. Neither can fail the work they report on.
//
// An e-mail is an effect of the ledger: its key names the command, the exit code and the New York day, so one problem is
// told once a day however often it is met. A mail whose outcome a crash left unknown is sent again with the same key,
// which the vendor knows for 24 hours: asking it and repeating are the same request there.
//
// Threads: an Alerts or Pings is used from one, as its HttpClient and its Db are.
// Source: Resend API reference, "Send Email" (Idempotency-Key); healthchecks.io's pinging API (/start, /fail, rid).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/exit_code.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/http_client.hpp"

namespace am::kernel {

struct MailOptions {
  std::string api_key;  ///< empty: alerts are log lines
  std::string base_url;
  std::string to;  ///< addresses with commas between
  std::string from;
};

struct Alert {
  std::string key;      ///< the same problem has the same key
  std::string subject;  ///< one line
  std::string text;
};

/// Whether somebody has to look: of a code that no later run repairs by itself.
bool needs_attention(ExitCode code);
/// Whether the dead-man's switch is told that a run failed: not when it was put off, was busy or was asked to end.
bool is_failure(ExitCode code);
/// "alert/run-weekly/65/2026-01-26/3a7bd3e2360a": by the New York day of `now`. deployment: what tells those apart that
/// share an account at the vendor; only its hash is in the key.
std::string alert_key(std::string_view command, std::string_view code, Instant now,
                      std::string_view deployment);

/// "alert/forecast/dead-17/3a7bd3e2360a": of what has a name of its own.
std::string notice_key(std::string_view command, std::string_view name, std::string_view deployment);

enum class AlertResult {
  sent,
  known,   ///< sent before, under the same key
  logged,  ///< no e-mail is configured
};

/// Sends or logs (at error) one alert. db: where it is remembered; null, or one that takes no write: then only the
/// vendor knows the key.
/// Errors:  as HttpClient::send, when it was not sent; config, when a key is set without an address.
AlertResult send_alert(HttpClient& http, Log& log, Db* db, const MailOptions& options, const Alert& alert);

/// What a command or a job tells people about itself: of one command and code once a New York day. It can't fail the work
/// that it tells of.
class Alerts {
 public:
  /// deployment: as alert_key. db: as send_alert; no transaction of it is open while something is told.
  Alerts(HttpClient& http, Log& log, Db* db, MailOptions mail, std::string deployment);

  struct Problem {
    std::string command;  ///< "run-weekly"
    ExitCode code = ExitCode::failure;
    std::string text;       ///< what it is; empty: what the code means
    std::string details{};  ///< where to look, a line each; may be empty
  };
  /// Something that is stored and done, but that a person has to look at, told of once: by its text.
  std::optional<AlertResult> tell_doubt(const std::string& command, const std::string& text) noexcept;
  /// Something that has a name of its own, told of once whatever the day: "dead-17".
  std::optional<AlertResult> tell_notice(const std::string& command, const std::string& name,
                                         const std::string& problem, const std::string& text) noexcept;
  /// Nothing: it was not sent, which is logged at error.
  std::optional<AlertResult> tell(const Problem& problem) noexcept;

 private:
  std::optional<AlertResult> send(const std::string& command, std::string key, const std::string& problem,
                                  const std::string& text) noexcept;

  HttpClient& http_;
  Log& log_;
  Db* db_;
  MailOptions mail_;
  std::string deployment_;
};

/// For the retries of a ping: the work waits for its pings.
inline constexpr std::chrono::milliseconds kPingBudget = std::chrono::seconds(4);

/// Whether it can be pinged: http or https.
bool is_ping_url(std::string_view url);

/// The pings of one run of one command. A failed ping is a warning in the log and nothing else.
class Pings {
 public:
  /// url: as the dead-man's switch gave it; its path is a secret.
  Pings(HttpClient& http, Log& log, std::string url);
  /// False: it did not arrive.
  bool start() { return send("/start"); }
  bool success() { return send(""); }
  bool fail() { return send("/fail"); }

 private:
  bool send(std::string_view what);

  HttpClient& http_;
  Log& log_;
  std::string url_;
  std::string run_id_;  ///< joins start and end at the other side
};

}  // namespace am::kernel
