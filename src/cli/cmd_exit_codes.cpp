#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "commands.hpp"
#include "table.hpp"

namespace am::cli {

namespace {

struct ExitCodesOptions {};
void flags(Flags&, ExitCodesOptions&) {}

Outcome run(const ExitCodesOptions&, Context&) {
  Table table({"code", "name", "meaning", "scheduler should"});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ExitCodeInfo& code : exit_codes()) {
    const int number = static_cast<int>(code.code);
    table.add({std::to_string(number), std::string(code.name), std::string(code.meaning),
               std::string(code.scheduler)});
    list.push_back(
        {{"code", number}, {"name", code.name}, {"meaning", code.meaning}, {"scheduler", code.scheduler}});
  }
  Outcome outcome;
  outcome.table = table.text();
  outcome.data = list.dump();
  return outcome;
}

}  // namespace

Command exit_codes_command() {
  return make_command<ExitCodesOptions>(
      {.path = "exit-codes",
       .summary = "list every exit code and what a scheduler should do with it",
       .details = "",
       .examples = {"am exit-codes", "am exit-codes -o json"},
       .exits = {},
       .config = {}},
      flags, run);
}

}  // namespace am::cli
