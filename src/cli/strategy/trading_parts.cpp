#include "trading_parts.hpp"

#include "am/strategy/halt.hpp"
#include "session_parts.hpp"

namespace am::cli {

using std::chrono::milliseconds;

CommandInfo trading_command(std::string path, std::string summary, std::string details,
                            std::vector<std::string> examples, std::vector<std::string> more_config) {
  CommandInfo info = session_command(std::move(path), std::move(summary), std::move(details),
                                     std::move(examples), std::move(more_config));
  info.exits.push_back(ExitCode::partial);
  return info;
}

void check_words(const std::vector<std::string>& sessions, bool all) {
  if (sessions.empty() == !all)
    throw Error(ErrorKind::usage, all ? "sessions and --all: one or the other" : "needs a session, or --all",
                "list them with: am strategy sessions");
}

std::vector<strategy::Session> named_sessions(Context& context, const std::vector<std::string>& names) {
  std::vector<strategy::Session> sessions;
  for (const std::string& name : names) sessions.push_back(strategy::load_session(context.db(), name));
  return sessions;
}

milliseconds most_wait(const Context& context) {
  return context.options.fail_when_busy ? milliseconds(0) : context.options.max_wait;
}

void quiet_down(Context& context, const std::string& session_id, Outcome& outcome, bool every_order) {
  strategy::Quiet quiet =
      strategy::quiet_orders(context.db(), session_id, milliseconds(0), context.stop, every_order);
  const bool attended = quiet.open == 0 || strategy::is_gateway_alive(context.db());
  if (!quiet.complete() && (attended || quiet.placing > 0)) {
    const int cancelled = quiet.cancelled;
    quiet = strategy::quiet_orders(context.db(), session_id, most_wait(context), context.stop, every_order);
    quiet.cancelled += cancelled;
  }
  const auto add = [&](const char* name, long long n) {
    for (auto& [known, count] : outcome.counts) {
      if (known != name) continue;
      count += n;
      return;
    }
    outcome.counts.emplace_back(name, n);
  };
  add("cancelled", quiet.cancelled);
  add("placing", quiet.placing);
  add("open", quiet.open);
  if (quiet.complete()) return;
  outcome.exit = ExitCode::partial;
  outcome.kind = OutcomeKind::partial;
  const std::string whose = session_id.empty() ? "" : " of session " + session_id;
  if (quiet.placing > 0)
    warn(context, outcome, std::to_string(quiet.placing) + " orders" + whose + " may still reach the broker");
  if (quiet.open > 0)
    warn(context, outcome,
         std::to_string(quiet.open) + " orders" + whose + " are to be cancelled, and still open" +
             (attended ? "" : ": no gateway runs, the next one cancels them (am serve-gateway)"));
}

Outcome told_of(Context& context, const std::vector<strategy::Session>& before, Outcome outcome,
                const std::string& text) {
  std::vector<strategy::Session> after;
  for (const strategy::Session& session : before)
    if (auto now = strategy::find_session(context.db(), session.id)) after.push_back(std::move(*now));
  show_sessions(context.db(), after, context, outcome);
  outcome.table = text;
  return outcome;
}

void note_change(Outcome& outcome) {
  if (outcome.exit == ExitCode::ok) outcome.kind = OutcomeKind::changed;
}

}  // namespace am::cli
