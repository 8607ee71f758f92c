#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "commands.hpp"
#include "config_values.hpp"
#include "table.hpp"

namespace am::cli {

namespace {

struct ShowOptions {
  bool origin = false;
};

void show_flags(Flags& f, ShowOptions& o) { f.on("--origin", o.origin, "where each value comes from"); }

Outcome show(const ShowOptions& o, Context& context) {
  Table table(o.origin ? std::vector<std::string>{"key", "value", "origin"}
                       : std::vector<std::string>{"key", "value"});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const kernel::Config::Origin& entry : context.config.origins()) {
    std::vector<Cell> row{std::string(entry.key->name), entry.shown};
    if (o.origin) row.emplace_back(entry.origin);
    table.add(std::move(row));
    list.push_back({{"key", entry.key->name},
                    {"value", entry.shown},
                    {"origin", entry.origin},
                    {"env", entry.key->env}});
  }
  Outcome outcome;
  outcome.table = table.text();
  outcome.data = nlohmann::ordered_json{{"file", context.config.file()}, {"keys", list}}.dump();
  return outcome;
}

struct CheckOptions {};
void check_flags(Flags&, CheckOptions&) {}

/// Loading has checked every value by itself already.
Outcome check(const CheckOptions&, Context& context) {
  if (const std::vector<Error> unusable = unusable_values(context); !unusable.empty())
    throw Error(unusable.front());
  Outcome outcome;
  const std::string& file = context.config.file();
  outcome.table = "configuration is valid (" + (file.empty() ? "no file" : file) + ")\n";
  outcome.warnings = context.config.warnings();
  outcome.data = nlohmann::ordered_json{{"file", file}}.dump();
  return outcome;
}

}  // namespace

std::vector<Command> config_commands() {
  return {make_command<ShowOptions>({.path = "config show",
                                     .summary = "print every key and its value, secrets masked",
                                     .details = "",
                                     .examples = {"am config show --origin"},
                                     .exits = {},
                                     .config = {}},
                                    show_flags, show),
          make_command<CheckOptions>({.path = "config check",
                                      .summary = "check file and environment without doing anything",
                                      .details = "",
                                      .examples = {"am config check --config /etc/am/am.toml"},
                                      .exits = {},
                                      .config = {}},
                                     check_flags, check)};
}

}  // namespace am::cli
