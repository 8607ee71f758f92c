// Splits, renames and ends of listing, by hand. They are market data: what every desk measures with holds them.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/market/action_store.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using market::ActionKind;
using market::CorporateAction;

struct ActionsAddOptions {
  std::string symbol, day;
  std::optional<std::string> split, rename, delisted;
  bool replace = false;
};
void actions_add_flags(Flags& f, ActionsAddOptions& o) {
  f.word("symbol", o.symbol, "the share, as it was called until then");
  f.word("day", o.day, "from the open of which day on, YYYY-MM-DD");
  f.text("--split", o.split, "RATIO",
         "new shares for an old one: 10 or 10:1, 0.1 or 1:10; 1 says that a move was real");
  f.text("--rename", o.rename, "NEW", "the symbol under which it goes on");
  f.text("--delisted", o.delisted, "PRICE", "it is not traded any more: what a share is worth from then on");
  f.on("--replace", o.replace, "replace what was said by hand before");
}

struct ActionsListOptions {
  std::vector<std::string> symbol;
};
void actions_list_flags(Flags& f, ActionsListOptions& o) {
  f.words("symbol", o.symbol, "only of this share");
}

struct ActionsRemoveOptions {
  std::string symbol, day;
};
void actions_remove_flags(Flags& f, ActionsRemoveOptions& o) {
  f.word("symbol", o.symbol, "the share");
  f.word("day", o.day, "its day, YYYY-MM-DD");
}

std::string checked_symbol(const std::string& text, const char* what) {
  if (market::is_symbol(text)) return market::canonical_symbol(text);
  throw Error(ErrorKind::usage, std::string(what) + " " + shown(text) +
                                    ": not a symbol (expected 1 to 32 visible ASCII characters)");
}

Date checked_day(const std::string& text) {
  if (const auto day = Date::parse(text)) return *day;
  throw Error(ErrorKind::usage, "day " + shown(text) + ": not a date (expected YYYY-MM-DD)");
}

/// A day on which there can be a close: another one is mistyped.
Date market_day(const std::string& text) {
  const DateRange known = market::kCalendarRange;
  const Date day = checked_day(text);
  if (known.contains(day)) return day;
  throw Error(ErrorKind::usage, "day " + day.to_string() + ": not within the exchange's calendar (expected " +
                                    known.first.to_string() + " to " + known.last.to_string() + ")");
}

CorporateAction action_of(const ActionsAddOptions& o) {
  CorporateAction action{.symbol = checked_symbol(o.symbol, "symbol"),
                         .day = market_day(o.day),
                         .source = std::string(market::kByHand)};
  if ((o.split ? 1 : 0) + (o.rename ? 1 : 0) + (o.delisted ? 1 : 0) != 1) {
    throw Error(ErrorKind::usage, "needs one of --split, --rename and --delisted",
                "am actions add KO 2026-10-07 --split 10");
  }
  if (o.split) {
    const auto ratio = market::parse_ratio(*o.split);
    if (!ratio) throw Error(ErrorKind::usage, "--split " + shown(*o.split) + " " + ratio.error().reason);
    action.ratio = *ratio;
  }
  if (o.rename) {
    action.kind = ActionKind::rename;
    action.new_symbol = checked_symbol(*o.rename, "--rename");
    if (action.new_symbol == action.symbol)
      throw Error(ErrorKind::usage, "--rename " + action.new_symbol + ": it is called so already");
  }
  if (o.delisted) {
    action.kind = ActionKind::delisted;
    const auto price = market::parse_price(*o.delisted);
    if (!price) {
      throw Error(ErrorKind::usage, "--delisted " + shown(*o.delisted) + " " + price.error().reason,
                  "a share that is worth nothing has the price " + std::string(market::kLowestPrice));
    }
    action.price = *price;
  }
  return action;
}

Json action_json(const CorporateAction& action) {
  const bool split = action.kind == ActionKind::split;
  return {{"symbol", action.symbol},
          {"day", action.day.to_string()},
          {"kind", market::action_kind_name(action.kind)},
          {"ratio", split ? Json(action.ratio.to_string()) : Json()},
          {"new_symbol", action.kind == ActionKind::rename ? Json(action.new_symbol) : Json()},
          {"price", action.price ? Json(action.price->to_string()) : Json()},
          {"source", action.source}};
}

std::string line_of(const CorporateAction& action) {
  return action.symbol + " " + action.day.to_string() + " " + market::action_text(action);
}

std::vector<CorporateAction> all_actions(Context& context, const std::optional<std::string>& symbol) {
  std::vector<CorporateAction> actions =
      market::actions_of(context.db().query(market::actions_statement().sql));
  if (symbol) {
    std::erase_if(actions, [&](const CorporateAction& action) {
      return action.symbol != *symbol && action.new_symbol != *symbol;
    });
  }
  return actions;
}

Outcome add_action(const ActionsAddOptions& o, Context& context) {
  const CorporateAction action = action_of(o);
  const market::Noted noted = market::note_action(context.db(), action, o.replace);
  Outcome outcome;
  outcome.data = action_json(action).dump();
  switch (noted) {
    case market::Noted::added:
    case market::Noted::changed:
      outcome.kind = OutcomeKind::changed;
      outcome.table = std::string(noted == market::Noted::added ? "noted " : "replaced ") + line_of(action) +
                      "\nwhat was measured since keeps its prices until it is measured again\n";
      return outcome;
    case market::Noted::unchanged:
      outcome.table = "unchanged: " + line_of(action) + "\n";
      return outcome;
    case market::Noted::refused:
      break;
  }
  std::string known = "something else";
  for (const CorporateAction& each : all_actions(context, action.symbol)) {
    if (each.symbol == action.symbol && each.day == action.day && each.kind == action.kind &&
        each.source == action.source)
      known = market::action_text(each);
  }
  throw Error(ErrorKind::exists,
              action.symbol + " " + action.day.to_string() + ": " + known + " is noted by hand (got " +
                  market::action_text(action) + ")",
              "if the new one is right, say so with --replace");
}

Outcome list_actions(const ActionsListOptions& o, Context& context) {
  if (o.symbol.size() > 1) throw Error(ErrorKind::usage, "takes one symbol at most");
  const std::optional<std::string> symbol =
      o.symbol.empty() ? std::nullopt : std::optional(checked_symbol(o.symbol.front(), "symbol"));
  Table table({"symbol", "day", "kind", "ratio", "new symbol", "price", "source"});
  Json list = Json::array();
  std::string csv =
      csv_record(std::vector<std::string>{"symbol", "day", "kind", "ratio", "new_symbol", "price", "source"});
  const auto text = [](const Json& value) { return value.is_null() ? "" : value.get<std::string>(); };
  for (const CorporateAction& action : all_actions(context, symbol)) {
    const Json json = action_json(action);
    std::vector<std::string> cells;
    for (const auto& [name, value] : json.items()) cells.push_back(text(value));
    csv += csv_record(std::vector<std::string>{csv_text(cells[0]), cells[1], cells[2], cells[3],
                                               csv_text(cells[4]), cells[5], csv_text(cells[6])});
    table.add({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]});
    list.push_back(json);
  }
  Outcome outcome;
  outcome.table = table.empty() ? "none\n" : table.text(context.options.color);
  outcome.data = list.dump();
  outcome.csv = csv;
  return outcome;
}

Outcome remove_action(const ActionsRemoveOptions& o, Context& context) {
  const std::string symbol = checked_symbol(o.symbol, "symbol");
  const Date day = checked_day(o.day);
  const std::vector<CorporateAction> gone = market::remove_actions(context.db(), symbol, day);
  Outcome outcome;
  outcome.kind = gone.empty() ? OutcomeKind::unchanged : OutcomeKind::changed;
  Json list = Json::array();
  for (const CorporateAction& action : gone) {
    outcome.table += "removed " + line_of(action) + " (" + action.source + ")\n";
    list.push_back(action_json(action));
  }
  if (gone.empty())
    outcome.table = "unchanged: nothing is known of " + symbol + " on " + day.to_string() + "\n";
  outcome.data = list.dump();
  return outcome;
}

CommandInfo actions_info(const std::string& path, const std::string& summary, std::string details,
                         std::vector<std::string> examples, std::vector<ExitCode> exits,
                         std::vector<std::string> formats = {"table", "json"}) {
  return {.path = path,
          .summary = summary,
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = std::move(exits),
          .config = {"database.url"},
          .formats = std::move(formats)};
}

}  // namespace

std::vector<Command> actions() {
  return {
      make_command<ActionsAddOptions>(
          actions_info("actions add", "note a split, a rename or the end of a listing",
                       "Holds from the open of its day on, for every price source but a csv: directory that "
                       "is adjusted or has a row of its own.",
                       {"am actions add KO 2026-10-07 --split 10", "am actions add KO 2026-10-07 --split 1",
                        "am actions add FB 2022-06-09 --rename META",
                        "am actions add TWTR 2022-10-28 --delisted 54.20"},
                       {ExitCode::exists, ExitCode::denied}),
          actions_add_flags, add_action),
      make_command<ActionsListOptions>(
          actions_info("actions list", "the splits, renames and ends of listing that are known", "",
                       {"am actions list", "am actions list KO -o csv"}, {ExitCode::denied},
                       {"table", "json", "csv"}),
          actions_list_flags, list_actions),
      make_command<ActionsRemoveOptions>(
          actions_info(
              "actions remove", "forget what is known of a share on a day",
              "Of every source. What a csv: directory says of its own closes is noted again with the next day "
              "that is measured.",
              {"am actions remove KO 2026-10-07"}, {ExitCode::denied}),
          actions_remove_flags, remove_action)};
}

}  // namespace am::cli
