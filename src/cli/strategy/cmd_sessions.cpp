#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/sessions.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using strategy::Mode;
using strategy::Session;

constexpr int kDefaultSessions = 50;
constexpr int kMostSessions = 10000;

struct StartSessionOptions {
  std::string strategy;
  std::optional<std::string> symbol, type, mode, timeframe, user;
  bool live = false, fail_if_exists = false;
};
struct ListSessionsOptions {
  std::optional<std::string> type, mode, status, strategy, symbol, user;
  std::optional<int> limit;
};

void start_session_flags(Flags& f, StartSessionOptions& o) {
  f.word("strategy", o.strategy, "the strategy's name (am strategy list)");
  f.text("--symbol", o.symbol, "SYMBOL", "what is traded: AAPL, BTC/USD (the strategy's own)");
  f.text("--type", o.type, "TYPE", "stock or crypto (as the symbol looks)");
  f.text("--mode", o.mode, "MODE", "paper, or rehearsal: the bars are the clock (paper)");
  f.text("--timeframe", o.timeframe, "LENGTH", "of the bars that it is called with: 1m, 5m, 1h (1m)");
  f.on("--live", o.live, "trade with money; alpaca.live and am serve-gateway --live have to say so, too");
  f.text("--user", o.user, "EMAIL", "whose strategy, by e-mail address (trader@localhost)");
  f.on("--fail-if-exists", o.fail_if_exists, "13 if such a session runs already");
}

void list_sessions_flags(Flags& f, ListSessionsOptions& o) {
  f.text("--status", o.status, "STATUS", "only RUNNING, STOPPED or FAILED");
  f.text("--mode", o.mode, "MODE", "only rehearsal, paper or live");
  f.text("--type", o.type, "TYPE", "only stock or crypto");
  f.text("--strategy", o.strategy, "NAME", "only of this strategy");
  f.text("--symbol", o.symbol, "SYMBOL", "only on this symbol");
  f.text("--user", o.user, "EMAIL", "only of this user");
  f.integer("--limit", o.limit, 1, kMostSessions, "how many, the newest first (50)");
}

template <class Enum>
std::optional<Enum> choice(const std::optional<std::string>& text,
                           std::optional<Enum> (*parse)(std::string_view), const char* flag,
                           const char* expected, bool upper = false) {
  if (!text) return std::nullopt;
  const auto value = parse(upper ? to_upper(*text) : to_lower(*text));
  if (!value)
    throw Error(ErrorKind::usage, std::string(flag) + " " + shown(*text) + ": expected " + expected);
  return value;
}

/// Two of the three switches; the third is the gateway's, which refuses what it was not started for.
Mode mode_of_start(const StartSessionOptions& o, const kernel::Config& config) {
  const auto named = choice(o.mode, strategy::mode_of, "--mode", "rehearsal, paper or live");
  if (named == Mode::live && !o.live)
    throw Error(ErrorKind::usage, "--mode live needs --live, too: it trades with money");
  if (o.live && named && *named != Mode::live)
    throw Error(ErrorKind::usage, "--live and --mode " + *o.mode + " contradict each other");
  if (!o.live) return named.value_or(Mode::paper);
  if (config.text("alpaca.live") != "true")
    throw Error(ErrorKind::config, "alpaca.live: not true, so nothing is traded with money",
                "if it is to be, set ALPACA_LIVE=true for this command and for am serve-gateway --live");
  if (config.text("strategy.broker") != "alpaca")
    throw Error(ErrorKind::config, "strategy.broker: paper has no money (expected alpaca)",
                "set STRATEGY_BROKER=alpaca for this command and for am serve-gateway --live");
  return Mode::live;
}

Outcome run_start_session(const StartSessionOptions& o, Context& context) {
  const strategy::NewSession wanted{
      .user = o.user.value_or(std::string(strategy::kDefaultUser)),
      .strategy = o.strategy,
      .symbol = o.symbol.value_or(""),
      .asset = choice(o.type, strategy::asset_type_of, "--type", "stock or crypto"),
      .timeframe = o.timeframe.value_or("1m"),
      .mode = mode_of_start(o, context.config),
      .now = context.clock.now()};
  strategy::StartedSession started;
  context.job_db().transact([&](kernel::Transaction& tx) { started = strategy::start_session(tx, wanted); });
  if (!started.is_new && o.fail_if_exists)
    throw Error(ErrorKind::exists, session_text(started.session) + " runs already");
  Outcome outcome;
  outcome.kind = started.is_new ? OutcomeKind::changed : OutcomeKind::unchanged;
  announce_sessions(context, {started.session},
                    outcome);  // again, too: the first time it may not have arrived
  show_sessions(context.db(), {started.session}, context, outcome);
  outcome.data = Json::parse(outcome.data).at(0).dump();
  outcome.table =
      (started.is_new ? "started " : "unchanged, it runs already: ") + session_text(started.session) + "\n";
  return outcome;
}

Outcome run_list_sessions(const ListSessionsOptions& o, Context& context) {
  const strategy::SessionFilter filter{
      .asset = choice(o.type, strategy::asset_type_of, "--type", "stock or crypto"),
      .mode = choice(o.mode, strategy::mode_of, "--mode", "rehearsal, paper or live"),
      .status = choice(o.status, strategy::session_status_of, "--status", "RUNNING, STOPPED or FAILED", true),
      .strategy = o.strategy.value_or(""),
      .symbol = o.symbol ? to_upper(*o.symbol) : "",
      .user = o.user.value_or(""),
      .limit = o.limit.value_or(kDefaultSessions)};
  Outcome outcome;
  show_sessions(context.db(), strategy::list_sessions(context.db(), filter), context, outcome);
  if (outcome.table.empty()) outcome.table = "no session: am strategy start STRATEGY\n";
  return outcome;
}

}  // namespace

std::vector<Command> session_commands() {
  CommandInfo start = session_command(
      "start", "trade with a strategy on a symbol: a session",
      "The session is a row that engines (am strategy run) find within half a minute, at once where Redis tells them. A "
      "session is one strategy on one symbol, bars of one length, and one mode: the same once more changes nothing. paper "
      "(the default) trades without money; rehearsal too, and the bars' time is the clock, for what am strategy publish "
      "sends. With money: --live, with alpaca.live = true and am serve-gateway --live.",
      {"am strategy start sma", "am strategy start mine --symbol BTC/USD --mode rehearsal"},
      {"redis.url", "alpaca.live", "strategy.broker"});
  start.exits.push_back(ExitCode::exists);
  return {
      make_command<StartSessionOptions>(std::move(start), start_session_flags, run_start_session),
      make_command<ListSessionsOptions>(
          session_command(
              "sessions", "sessions: mode, state, what they hold, what came of them",
              "engine: whether an engine has it now. pnl: what its sales realised, less fees; what it holds is not in "
              "it. open orders: what a broker may still fill. A stale session waits for bars that are missing.",
              {"am strategy sessions", "am strategy sessions --status RUNNING --mode live"}),
          list_sessions_flags, run_list_sessions)};
}

}  // namespace am::cli
