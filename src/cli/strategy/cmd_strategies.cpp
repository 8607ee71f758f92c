#include <nlohmann/json.hpp>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/strategies.hpp"
#include "cli/input.hpp"
#include "cli/table.hpp"
#include "session_parts.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using strategy::StrategyRow;

struct AddStrategyOptions {
  std::string name;
  std::optional<std::string> builtin, file, symbol, params, user;
};
struct NamedStrategyOptions {
  std::string name;
  std::optional<std::string> user;
};
struct RemoveStrategyOptions {
  std::string name;
  std::optional<std::string> user;
  bool yes = false;
};
struct ListStrategiesOptions {
  std::optional<std::string> user;
};

constexpr const char* kOwnerHelp = "whose it is, by e-mail address (trader@localhost)";

void add_strategy_flags(Flags& f, AddStrategyOptions& o) {
  f.word("name", o.name, "its name: letters, digits, '_', '.', '-'");
  f.text("--builtin", o.builtin, "NAME", "a built-in one: mock, sma_cross, rsi_reversion, momentum");
  f.text("--file", o.file, "FILE", "a Python program; - for standard input");
  f.text("--params", o.params, "JSON", "its parameters, such as {\"period\": 15}");
  f.text("--symbol", o.symbol, "SYMBOL", "what it trades where a session names nothing else (required)");
  f.text("--user", o.user, "EMAIL", kOwnerHelp);
}

void list_strategies_flags(Flags& f, ListStrategiesOptions& o) {
  f.text("--user", o.user, "EMAIL", "only of this user");
}

void show_strategy_flags(Flags& f, NamedStrategyOptions& o) {
  f.word("name", o.name, "its name (am strategy list)");
  f.text("--user", o.user, "EMAIL", kOwnerHelp);
}

void remove_strategy_flags(Flags& f, RemoveStrategyOptions& o) {
  f.word("name", o.name, "its name (am strategy list)");
  f.text("--user", o.user, "EMAIL", kOwnerHelp);
  f.on("--yes", o.yes, "really remove it; required");
}

std::string owner(const std::optional<std::string>& user) {
  return user.value_or(std::string(strategy::kDefaultUser));
}

Json strategy_json(const StrategyRow& row) {
  return {{"strategy", row.spec.name},
          {"strategy_id", row.id},
          {"language", row.spec.language},
          {"symbol", row.symbol},
          {"params", Json::parse(row.spec.params)},
          {"code_sha256", sha256_hex(row.spec.code)},
          {"user", row.user},
          {"running", row.running},
          {"sessions", row.sessions},
          {"created_at", format_rfc3339(row.created_at)}};
}

strategy::StrategySpec spec_of(const AddStrategyOptions& o, Context& context) {
  if (o.builtin.has_value() == o.file.has_value())
    throw Error(ErrorKind::usage, "needs either --builtin or --file",
                "am strategy add " + o.name + " --builtin sma_cross --symbol AAPL");
  return {.name = o.name,
          .language = o.file ? "python" : "builtin",
          .code = o.file ? read_input(*o.file, context) : *o.builtin,
          .params = o.params.value_or("{}")};
}

Outcome run_add_strategy(const AddStrategyOptions& o, Context& context) {
  const strategy::NewStrategy wanted{
      .user = owner(o.user), .spec = spec_of(o, context), .symbol = required_text(o.symbol, "--symbol")};
  strategy::AddedStrategy added;
  std::optional<StrategyRow> row;
  context.job_db().transact([&](kernel::Transaction& tx) {
    added = strategy::add_strategy(tx, wanted);
    row = strategy::load_strategy_by_id(tx, added.id);
  });
  Outcome outcome;
  outcome.data = strategy_json(*row).dump();
  using What = strategy::AddedStrategy::What;
  const std::string name = "strategy " + row->spec.name;
  if (added.what == What::same) {
    outcome.table = "unchanged: " + name + " is there as it is\n";
    return outcome;
  }
  outcome.kind = OutcomeKind::changed;
  outcome.table = name + (added.what == What::added ? " is added\n" : " is replaced\n");
  if (added.running > 0)
    warn(context, outcome,
         std::to_string(added.running) + (added.running == 1 ? " session goes" : " sessions go") +
             " on with the one of before: stop and start to trade with this one");
  return outcome;
}

Outcome run_list_strategies(const ListStrategiesOptions& o, Context& context) {
  Table table(
      {"strategy", "language", "program", "symbol", "params", "running", "sessions", "user", "added"});
  Json list = Json::array();
  for (const StrategyRow& row : strategy::list_strategies(context.db(), o.user.value_or(""))) {
    list.push_back(strategy_json(row));
    const bool builtin = row.spec.language == "builtin";
    table.add({row.spec.name, row.spec.language,
               builtin ? row.spec.code : std::to_string(row.spec.code.size()) + " bytes", row.symbol,
               one_line(row.spec.params, 60), std::to_string(row.running), std::to_string(row.sessions),
               row.user, format_rfc3339(row.created_at)});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no strategy yet: am strategy add NAME --builtin sma_cross --symbol AAPL\n"
                                : table.text(context.options.color);
  outcome.data = list.dump();
  return outcome;
}

Outcome run_show_strategy(const NamedStrategyOptions& o, Context& context) {
  const StrategyRow row = strategy::load_strategy(context.db(), owner(o.user), o.name);
  Table table({"field", "value"});
  table.add({"strategy", row.spec.name});
  table.add({"language", row.spec.language});
  table.add({"symbol", row.symbol});
  table.add({"params", row.spec.params});
  table.add({"user", row.user});
  table.add({"sessions", std::to_string(row.sessions) + ", " + std::to_string(row.running) + " running"});
  table.add({"added", format_rfc3339(row.created_at)});
  Json data = strategy_json(row);
  data["code"] = row.spec.code;
  Outcome outcome;
  outcome.table = table.text(context.options.color) + "\n" + printable_lines(row.spec.code);
  if (outcome.table.back() != '\n') outcome.table += '\n';
  outcome.data = data.dump();
  return outcome;
}

Outcome run_remove_strategy(const RemoveStrategyOptions& o, Context& context) {
  if (!o.yes)
    throw Error(ErrorKind::usage, "needs --yes: its program goes, unless a session had it",
                "see it first: am strategy show " + o.name);
  std::optional<StrategyRow> row;
  context.job_db().transact(
      [&](kernel::Transaction& tx) { row = strategy::remove_strategy(tx, owner(o.user), o.name); });
  Outcome outcome;
  outcome.kind = OutcomeKind::changed;
  outcome.table = "strategy " + row->spec.name + " is removed" +
                  (row->sessions > 0 ? "; its sessions keep what they traded with\n" : "\n");
  outcome.data = strategy_json(*row).dump();
  return outcome;
}

}  // namespace

std::vector<Command> strategy_row_commands() {
  CommandInfo add = session_command(
      "add", "keep a strategy under a name, to be traded in sessions",
      "A strategy never changes once it is there: another program or other parameters under the same name are "
      "another strategy, which sessions that start from then on trade with, and sessions that run go on as they "
      "began. The same once more changes nothing. What a Python program may be is in docs/strategies.md; am "
      "strategy check tries one.",
      {"am strategy add sma --builtin sma_cross --params '{\"period\": 15}' --symbol AAPL",
       "am strategy add mine --file mine.py --symbol BTC/USD"});
  add.exits.push_back(ExitCode::data);
  return {
      make_command<AddStrategyOptions>(std::move(add), add_strategy_flags, run_add_strategy),
      make_command<ListStrategiesOptions>(
          session_command("list", "strategies, and how many sessions each has", "", {"am strategy list"}),
          list_strategies_flags, run_list_strategies),
      make_command<NamedStrategyOptions>(
          session_command("show", "one strategy: parameters and program", "", {"am strategy show sma"}),
          show_strategy_flags, run_show_strategy),
      make_command<RemoveStrategyOptions>(
          session_command("remove", "take a strategy off the list",
                          "Refused while a session of it runs. What sessions traded with is kept with them.",
                          {"am strategy remove sma --yes"}),
          remove_strategy_flags, run_remove_strategy)};
}

}  // namespace am::cli
