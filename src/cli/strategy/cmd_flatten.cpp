#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/halt.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/sessions.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"
#include "trading_parts.hpp"

namespace am::cli {

namespace {

using std::chrono::milliseconds;
using strategy::Session;
using strategy::Trading;

/// Between two looks at an order that is waited for.
constexpr milliseconds kLookAgain{200};

struct FlattenSessionOptions {
  std::vector<std::string> sessions;
  std::optional<std::string> price, reason;
  bool all = false;
};
void flatten_flags(Flags& f, FlattenSessionOptions& o) {
  f.words("session", o.sessions, kSessionsHelp);
  f.on("--all", o.all, "all that hold anything");
  f.text("--price", o.price, "PRICE", "to sell at, less the collar (the last known price)");
  f.text("--reason", o.reason, "TEXT", kReasonHelp);
}

std::vector<Session> holding_sessions(Context& context) {
  std::vector<Session> all;
  for (const std::string& id : strategy::sessions_that_hold(context.db()))
    if (auto session = strategy::find_session(context.db(), id)) all.push_back(std::move(*session));
  return all;
}

/// Asks for the sale once its orders are over; the strategy's own sale may come in between.
strategy::Flatten ask_flatten(Context& context, const Session& session, const std::optional<Decimal>& price,
                              Outcome& outcome) {
  const auto give_up = std::chrono::steady_clock::now() + most_wait(context);
  for (;;) {
    quiet_down(context, session.id, outcome, true);
    try {
      strategy::Flatten flatten;
      context.db().transact([&](kernel::Transaction& tx) {
        flatten = strategy::request_flatten(
            tx, {.session_id = session.id,
                 .price = price,
                 .collar_pct = Decimal::of(context.config.text("strategy.collar_pct")),
                 .now = context.clock.now()});
      });
      return flatten;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy || outcome.exit != ExitCode::ok ||
          std::chrono::steady_clock::now() >= give_up)
        throw;
      context.stop.sleep(kLookAgain);
    }
  }
}

/// "sold 5", or how its order stands when the wait is over.
std::string await_flatten(Context& context, const strategy::Flatten& flatten, Outcome& outcome) {
  const std::string what = strategy::shortest(flatten.quantity) + " " + flatten.symbol;
  if (flatten.order_id.empty()) return "holds nothing";
  note_change(outcome);
  const bool attended = strategy::is_gateway_alive(context.db());
  const auto give_up = std::chrono::steady_clock::now() + (attended ? most_wait(context) : milliseconds(0));
  for (;;) {
    const auto state = strategy::order_state(context.db(), flatten.order_id);
    if (state && state->over && state->status == "filled") return "sold " + what;
    if ((state && state->over) || std::chrono::steady_clock::now() >= give_up) {
      outcome.exit = ExitCode::partial;
      outcome.kind = OutcomeKind::partial;
      const std::string status = state ? state->status : "gone";
      return "to sell " + what + " order " + flatten.order_id + " is made; it is " + status +
             (state && !state->reason.empty() ? ", " + state->reason : "") +
             (attended ? "" : ": no gateway runs, the next one places it (am serve-gateway)");
    }
    context.stop.sleep(kLookAgain);
  }
}

/// Of several the others are sold all the same.
std::string flatten_session(Context& context, const Session& session, const std::optional<Decimal>& price,
                            bool alone, Outcome& outcome) {
  try {
    const strategy::Flatten flatten = ask_flatten(context, session, price, outcome);
    return await_flatten(context, flatten, outcome);
  } catch (const Error& error) {
    const bool of_it = error.kind() == ErrorKind::data || error.kind() == ErrorKind::busy;
    if (alone || !of_it) throw;
    outcome.exit = ExitCode::partial;
    outcome.kind = OutcomeKind::partial;
    warn(context, outcome, error.message() + (error.hint().empty() ? "" : " (" + error.hint() + ")"));
    return "not sold";
  }
}

std::optional<Decimal> price_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto price = Decimal::parse(*text);
  if (!price || strategy::check_amounts(1, *price, true))
    throw Error(ErrorKind::usage,
                "--price " + shown(*text) + ": expected a price above 0, below 10^12, with 9 places at most");
  return price;
}

Outcome run_flatten(const FlattenSessionOptions& o, Context& context) {
  check_words(o.sessions, o.all);
  const auto price = price_of(o.price);
  if (price && (o.all || o.sessions.size() > 1))
    throw Error(ErrorKind::usage, "--price is one session's", "name that session alone");
  context.job_db();
  const std::vector<Session> sessions =
      o.all ? holding_sessions(context) : named_sessions(context, o.sessions);
  const std::string reason = o.reason.value_or("flatten");
  Outcome outcome;
  for (const Session& session : sessions) {
    if (session.trading != Trading::active) continue;
    context.db().transact(
        [&](kernel::Transaction& tx) { strategy::set_trading(tx, session.id, Trading::reducing, reason); });
    note_change(outcome);
  }
  std::string text;
  for (const Session& session : sessions) {
    Outcome of_session;
    text += session_text(session) + ": " +
            flatten_session(context, session, price, sessions.size() == 1, of_session) + "\n";
    if (of_session.exit != ExitCode::ok) outcome.exit = of_session.exit;
    if (of_session.kind != OutcomeKind::unchanged && outcome.kind != OutcomeKind::partial)
      outcome.kind = of_session.kind;
    outcome.warnings.insert(outcome.warnings.end(), of_session.warnings.begin(), of_session.warnings.end());
  }
  return told_of(context, sessions, std::move(outcome), text.empty() ? "no session holds anything\n" : text);
}

}  // namespace

Command flatten_command() {
  CommandInfo flatten = trading_command(
      "flatten", "sell all that a session holds, to the last share",
      "From then on the session may only sell (am strategy resume lifts that). Its open orders are cancelled, then exactly "
      "what it holds is sold, by the gateway, at the last known price less the collar; also of a session that has ended. 12 "
      "when it is not all sold within --max-wait: the gateway goes on, and the same command once more does what is left.",
      {"am strategy flatten sma", "am strategy flatten --all --reason \"end of the test\""},
      {"strategy.collar_pct"});
  flatten.exits.push_back(ExitCode::data);
  return make_command<FlattenSessionOptions>(std::move(flatten), flatten_flags, run_flatten);
}

}  // namespace am::cli
