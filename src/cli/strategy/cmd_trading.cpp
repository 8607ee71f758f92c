#include "am/cli/context.hpp"
#include "am/strategy/halt.hpp"
#include "am/strategy/sessions.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"
#include "trading_parts.hpp"

namespace am::cli {

namespace {

using strategy::Session;
using strategy::Trading;

struct StopSessionOptions {
  std::vector<std::string> sessions;
  std::optional<std::string> reason;
  bool all = false;
};
struct HaltSessionOptions {
  std::vector<std::string> sessions;
  std::optional<std::string> reason;
  bool all = false, reduce = false;
};

void stop_session_flags(Flags& f, StopSessionOptions& o) {
  f.words("session", o.sessions, kSessionsHelp);
  f.on("--all", o.all, "all that run");
  f.text("--reason", o.reason, "TEXT", kReasonHelp);
}

void halt_flags(Flags& f, HaltSessionOptions& o) {
  f.words("session", o.sessions, kSessionsHelp);
  f.on("--all", o.all, "everything, sessions that start later too");
  f.on("--reduce", o.reduce, "sales go on");
  f.text("--reason", o.reason, "TEXT", kReasonHelp);
}

void resume_flags(Flags& f, StopSessionOptions& o) {
  f.words("session", o.sessions, kSessionsHelp);
  f.on("--all", o.all, "lift the halt of everything; sessions that are halted themselves stay so");
  f.text("--reason", o.reason, "TEXT", kReasonHelp);
}

std::vector<Session> running_sessions(Context& context) {
  constexpr int kAll = 1'000'000;
  return strategy::list_sessions(context.db(), {.status = strategy::SessionStatus::running, .limit = kAll});
}

Outcome run_stop(const StopSessionOptions& o, Context& context) {
  check_words(o.sessions, o.all);
  context.job_db();
  const std::vector<Session> sessions =
      o.all ? running_sessions(context) : named_sessions(context, o.sessions);
  Outcome outcome;
  std::vector<Session> ended;
  std::string text;
  for (const Session& session : sessions) {
    bool changed = false;
    context.db().transact([&](kernel::Transaction& tx) {
      changed = strategy::end_session(tx, session.id, strategy::SessionStatus::stopped, o.reason.value_or(""),
                                      context.clock.now());
    });
    text += (changed ? "stopped " : "unchanged, it had ended: ") + session_text(session) + "\n";
    if (auto now = strategy::find_session(context.db(), session.id)) ended.push_back(std::move(*now));
    if (changed) note_change(outcome);
  }
  announce_sessions(context, ended, outcome);
  if (o.all)
    quiet_down(context, "", outcome);
  else
    for (const Session& session : ended) quiet_down(context, session.id, outcome);
  return told_of(context, sessions, std::move(outcome), text.empty() ? "no session runs\n" : text);
}

Outcome run_halt(const HaltSessionOptions& o, Context& context) {
  check_words(o.sessions, o.all);
  context.job_db();
  const Trading trading = o.reduce ? Trading::reducing : Trading::halted;
  const std::string state(name_of(trading));
  const std::string reason = o.reason.value_or("by hand");
  Outcome outcome;
  std::string text;
  if (o.all) {
    bool changed = false;
    context.db().transact(
        [&](kernel::Transaction& tx) { changed = strategy::set_global_trading(tx, trading, reason); });
    if (changed) note_change(outcome);
    text = (changed ? "everything is " : "unchanged: everything is ") + state + "\n";
    quiet_down(context, "", outcome);
    return told_of(context, {}, std::move(outcome), text);
  }
  const std::vector<Session> sessions = named_sessions(context, o.sessions);
  for (const Session& session : sessions) {
    bool changed = false;
    context.db().transact(
        [&](kernel::Transaction& tx) { changed = strategy::set_trading(tx, session.id, trading, reason); });
    if (changed) note_change(outcome);
    text += session_text(session) + (changed ? " is " : " was already ") + state + "\n";
  }
  for (const Session& session : sessions) quiet_down(context, session.id, outcome);
  return told_of(context, sessions, std::move(outcome), text);
}

Outcome run_resume(const StopSessionOptions& o, Context& context) {
  check_words(o.sessions, o.all);
  context.job_db();
  const std::string reason = o.reason.value_or("");
  Outcome outcome;
  std::string text;
  if (o.all) {
    bool changed = false;
    context.db().transact([&](kernel::Transaction& tx) {
      changed = strategy::set_global_trading(tx, Trading::active, reason);
    });
    if (changed) note_change(outcome);
    text = changed ? "everything may trade again, but what is halted itself\n"
                   : "unchanged: nothing halts everything\n";
    return told_of(context, {}, std::move(outcome), text);
  }
  const std::vector<Session> sessions = named_sessions(context, o.sessions);
  for (const Session& session : sessions) {
    bool changed = false;
    context.db().transact([&](kernel::Transaction& tx) {
      changed = strategy::set_trading(tx, session.id, Trading::active, reason);
    });
    if (changed) note_change(outcome);
    text += session_text(session) + (changed ? " may trade again\n" : " was already ACTIVE\n");
  }
  if (const auto global = strategy::global_trading(context.db()); global.trading != Trading::active)
    warn(context, outcome,
         "everything is " + std::string(name_of(global.trading)) + ": am strategy resume --all lifts it");
  return told_of(context, sessions, std::move(outcome), text);
}

}  // namespace

std::vector<Command> trading_commands() {
  return {
      make_command<StopSessionOptions>(
          trading_command(
              "stop", "end sessions: nothing is ordered for them any more",
              "The state is stored, what is being placed is waited for, what is open is cancelled, and then it is "
              "answered: after that nothing is ordered. What the session holds stays as it is (am strategy "
              "flatten sells it). 12 when an order was still open after --max-wait: the gateway goes on "
              "cancelling, also one that is started later.",
              {"am strategy stop sma", "am strategy stop --all --reason \"end of the week\""}, {"redis.url"}),
          stop_session_flags, run_stop),
      make_command<HaltSessionOptions>(
          trading_command(
              "halt", "order nothing for sessions, or for anybody, until resumed",
              "A halted session runs on, and its signals are refused. As stop: after the answer nothing is "
              "ordered. It survives every restart. --reduce: only buys are refused and cancelled.",
              {"am strategy halt --all --reason \"odd fills\"", "am strategy halt sma --reduce"}),
          halt_flags, run_halt),
      make_command<StopSessionOptions>(
          trading_command(
              "resume", "let sessions, or everything, trade again",
              "A session that was halted by its drawdown is so again at its next fill, as long as it is that far "
              "below its peak: raise strategy.max_drawdown_pct first.",
              {"am strategy resume sma", "am strategy resume --all"}),
          resume_flags, run_resume)};
}

}  // namespace am::cli
