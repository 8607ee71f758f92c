#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/migrations.hpp"
#include "am/kernel/version.hpp"
#include "commands.hpp"

namespace am::cli {

namespace {

struct VersionOptions {};
void flags(Flags&, VersionOptions&) {}

Outcome run(const VersionOptions&, Context&) {
  const int schema = kernel::embedded_migrations().back().version;
  Outcome outcome;
  outcome.table = "am " + std::string(kernel::version()) + " (schema " + std::to_string(schema) + ")\n";
  outcome.data = nlohmann::ordered_json{{"version", kernel::version()}, {"schema", schema}}.dump();
  return outcome;
}

}  // namespace

Command version_command() {
  return make_command<VersionOptions>({.path = "version",
                                       .summary = "print the version and the schema that it works with",
                                       .details = "",
                                       .examples = {"am version"},
                                       .exits = {},
                                       .config = {}},
                                      flags, run);
}

}  // namespace am::cli
