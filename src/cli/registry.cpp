// Every command, in the order of the help: a plain list of calls.

#include "commands.hpp"

namespace am::cli {

std::vector<Group> groups() {
  return {{"verify", "check what is stored"},
          {"runs", "look at the run ledger, go on with a run or close it"},
          {"config", "show and check the configuration"}};
}

std::vector<Command> commands() {
  std::vector<Command> all;
  all.push_back(run_weekly());
  all.push_back(checkpoint());
  all.push_back(backfill());
  all.push_back(report());
  all.push_back(verify_data());
  all.push_back(serve_readonly());
  for (Command& command : migrate()) all.push_back(std::move(command));
  for (Command& command : runs()) all.push_back(std::move(command));
  for (Command& command : config_commands()) all.push_back(std::move(command));
  all.push_back(exit_codes_command());
  all.push_back(version_command());
  return all;
}

}  // namespace am::cli
