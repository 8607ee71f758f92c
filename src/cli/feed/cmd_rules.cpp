#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/feed/pricing.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/table.hpp"
#include "feed_commands.hpp"
#include "feed_parts.hpp"

namespace am::cli {

namespace {

struct RulesOptions {
  std::optional<std::string> file;
};

void flags(Flags& f, RulesOptions& o) {
  f.text("--import", o.file, "CSV", "the rules are those of this file from now on; - for standard input");
}

std::string text_or(const std::optional<Decimal>& value, const char* otherwise) {
  return value ? value->to_string() : otherwise;
}

nlohmann::ordered_json json_of(const feed::PricingRule& rule) {
  const auto text = [](const std::optional<Decimal>& value) {
    return value ? nlohmann::ordered_json(value->to_string()) : nlohmann::ordered_json();
  };
  return {{"id", rule.id},
          {"priority", rule.priority},
          {"stone_type", rule.stone_type ? nlohmann::ordered_json(feed::stone_type_name(*rule.stone_type))
                                         : nlohmann::ordered_json()},
          {"price_min", text(rule.price_min)},
          {"price_max", text(rule.price_max)},
          {"margin_modifier", rule.margin_modifier.to_string()},
          {"rating", rule.rating ? nlohmann::ordered_json(*rule.rating) : nlohmann::ordered_json()},
          {"active", rule.active}};
}

Outcome run(const RulesOptions& o, Context& context) {
  const std::string& feed_name = context.config.text("feed.name");
  kernel::Db& db = context.job_db();
  Outcome outcome;
  if (o.file) {
    const auto rules = feed::parse_rules(read_input(*o.file, context), input_name(*o.file));
    if (!rules) throw Error(ErrorKind::data, rules.error().reason, "nothing was stored");
    feed::RuleCounts counts;
    db.transact([&](kernel::Transaction& tx) { counts = feed::store_rules(tx, feed_name, *rules); });
    outcome.counts = {{"new", counts.added}, {"same", counts.same}, {"retired", counts.retired}};
    if (counts.added + counts.retired > 0) {
      outcome.kind = OutcomeKind::changed;
      outcome.warnings.push_back("prices that are stored follow with: am feed consolidate --reprice");
    }
  }
  Table table({"PRIORITY", "TYPE", "FROM", "TO", "MODIFIER %", "RATING", "ACTIVE"});
  nlohmann::ordered_json data = nlohmann::ordered_json::array();
  for (const feed::PricingRule& rule : feed::read_rules(db, feed_name)) {
    data.push_back(json_of(rule));
    table.add({std::to_string(rule.priority),
               rule.stone_type ? std::string(feed::stone_type_name(*rule.stone_type)) : "all",
               text_or(rule.price_min, "-"), text_or(rule.price_max, "-"), rule.margin_modifier.to_string(),
               rule.rating.value_or("-"), rule.active ? "yes" : "no"});
  }
  outcome.table =
      table.empty() ? "no rules: prices follow from the margins alone\n" : table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

Command feed_rules() {
  return make_command<RulesOptions>(
      {.path = "feed rules",
       .summary = "list the pricing rules, or take them from a file",
       .details =
           "A price is the supplier's, and the margin of its type of stone (natural, lab, fancy) with the modifier of the first "
           "rule that fits: the lowest priority number, then the oldest. CSV with a header: priority, margin_modifier, and "
           "perhaps stone_type, price_min, price_max, rating, active. What the file lacks is no longer active.",
       .examples = {"am feed rules", "am feed rules --import rules.csv"},
       .exits = {ExitCode::data, ExitCode::no_input, ExitCode::denied},
       .config = {"database.url", "feed.name"}},
      flags, run);
}

}  // namespace am::cli
