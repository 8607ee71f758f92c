#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/overview.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "ops_output.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using kernel::BudgetState;

constexpr std::chrono::seconds kLongestPause = std::chrono::hours(24 * 30);

struct LimitsShowOptions {};
void limits_show_flags(Flags& /*f*/, LimitsShowOptions& /*o*/) {}

struct LimitsPauseOptions {
  std::string key;
  std::optional<std::string> duration;
  std::optional<std::string> reason;
};
void limits_pause_flags(Flags& f, LimitsPauseOptions& o) {
  f.word("key", o.key, "the budget's name (am limits show)");
  f.text("--for", o.duration, "DURATION",
         "how long, such as 90s, 15min, 4h or 2days; 30 days at most; required");
  f.text("--reason", o.reason, "TEXT", "why; it is in every message about the pause; required");
}

struct LimitsResumeOptions {
  std::string key;
};
void limits_resume_flags(Flags& f, LimitsResumeOptions& o) {
  f.word("key", o.key, "the budget's name (am limits show)");
}

std::vector<BudgetState> read_budgets(Context& context) {
  const std::vector<kernel::RateLimit> limits = context.rate_limits();
  return kernel::budget_states(
      kernel::read_snapshot(context.db(), {kernel::budget_states_statement(limits)}).front(), limits);
}

BudgetState read_budget(const std::string& key, Context& context) {
  for (BudgetState& budget : read_budgets(context)) {
    if (budget.key == key) return std::move(budget);
  }
  throw Error(ErrorKind::bug, "limit " + key + ": not configured");
}

/// Before anything is touched.
void check_limit_key(const std::string& key, Context& context) {
  std::vector<std::string> known;
  for (const kernel::RateLimit& limit : context.rate_limits()) known.push_back(limit.key);
  if (std::ranges::find(known, key) != known.end()) return;
  const std::string nearest = nearest_name(key, known);
  throw Error(ErrorKind::usage,
              "limit " + ellipsize(key, 40) + ": unknown (expected " + join(known, " or ") + ")",
              nearest.empty() ? "" : "did you mean " + nearest + "?");
}

Outcome show_limits(const LimitsShowOptions& /*o*/, Context& context) {
  Table table({"key", "window", "used", "limit", "paused until", "reason"});
  Json all = Json::array();
  for (const BudgetState& budget : read_budgets(context)) {
    const std::string until = budget.paused_until ? format_rfc3339(*budget.paused_until) : "";
    for (const kernel::BudgetWindow& window : budget.windows) {
      table.add({budget.key, kernel::period_text(window.period), std::to_string(window.used),
                 std::to_string(window.limit), until, budget.pause_reason});
    }
    all.push_back(budget_json(budget));
  }
  Outcome outcome;
  outcome.table = table.text(context.options.color);
  outcome.data = all.dump();
  return outcome;
}

Outcome pause_limit(const LimitsPauseOptions& o, Context& context) {
  check_limit_key(o.key, context);
  if (!o.duration || !o.reason) {
    throw Error(ErrorKind::usage, "needs --for and --reason",
                "am limits pause " + o.key + " --for 4h --reason \"the vendor asked\"");
  }
  const auto duration = parse_duration(*o.duration);
  if (!duration || *duration > kLongestPause) {
    throw Error(ErrorKind::usage,
                "--for " + ellipsize(*o.duration, 40) +
                    ": expected a number and a unit such as 90s, 15min, 4h or 2days, 30 days at most");
  }
  kernel::RateLimiter limiter(context.db(), context.stop, context.rate_limits());
  const bool paused = limiter.pause(o.key, *duration, printable(*o.reason));
  const BudgetState budget = read_budget(o.key, context);
  // A pause that ran out or was lifted just now has no end to show.
  const std::string until = budget.paused_until ? " until " + format_rfc3339(*budget.paused_until) : "";
  Outcome outcome;
  outcome.kind = paused ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table =
      paused ? "paused " + o.key + until + "\n"
             : "unchanged: " + o.key + " is paused" + until + " already (" + budget.pause_reason + ")\n";
  outcome.data = budget_json(budget).dump();
  return outcome;
}

Outcome resume_limit(const LimitsResumeOptions& o, Context& context) {
  check_limit_key(o.key, context);
  kernel::RateLimiter limiter(context.db(), context.stop, context.rate_limits());
  const bool resumed = limiter.resume(o.key);
  Outcome outcome;
  outcome.kind = resumed ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table = resumed ? "resumed " + o.key + "\n" : "unchanged: " + o.key + " is not paused\n";
  outcome.data = budget_json(read_budget(o.key, context)).dump();
  return outcome;
}

CommandInfo limits_info(const std::string& path, const std::string& summary,
                        std::vector<std::string> examples) {
  return {.path = path,
          .summary = summary,
          .details = "",
          .examples = std::move(examples),
          .exits = {ExitCode::denied},
          .config = {"database.url", "alpha_vantage.limits", "stooq.limits"}};
}

}  // namespace

std::vector<Command> limits() {
  return {make_command<LimitsShowOptions>(
              limits_info("limits show", "what is spent of each request budget, and which is paused",
                          {"am limits show", "am limits show -o json"}),
              limits_show_flags, show_limits),
          make_command<LimitsPauseOptions>(
              limits_info("limits pause", "let nobody send to a vendor for a while",
                          {"am limits pause alpha_vantage --for 4h --reason \"the vendor asked\""}),
              limits_pause_flags, pause_limit),
          make_command<LimitsResumeOptions>(
              limits_info("limits resume", "end a pause, also one that a vendor asked for",
                          {"am limits resume alpha_vantage"}),
              limits_resume_flags, resume_limit)};
}

}  // namespace am::cli
