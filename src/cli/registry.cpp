// Every command, in the order of the help: those of the desks, then the shared ones, a plain list of calls.

#include <algorithm>

#include "am/kernel/config.hpp"
#include "commands.hpp"
#include "desks.hpp"

namespace am::cli {

std::vector<std::string> config_of(std::vector<std::string> names, bool of_desks) {
  if (of_desks) names.emplace_back(kKeysOfDesks);
  return names;
}

bool reads_key(const CommandInfo& info, std::string_view key) {
  const auto is_of_desk = [&](const DeskFace& face) {
    return std::ranges::find(face.desk->keys, key, &kernel::ConfigKey::name) != face.desk->keys.end();
  };
  return std::ranges::any_of(info.config, [&](const std::string& each) {
    return each == kKeysOfDesks ? std::ranges::any_of(all_desks(), is_of_desk)
                                : key == each || key.starts_with(each + ".");
  });
}

std::vector<std::string> job_config(std::vector<std::string> more, bool of_desks) {
  for (const char* section : {"database", "alpha_vantage", "stooq", "http", "retry", "ledger"})
    more.emplace_back(section);
  return config_of(std::move(more), of_desks);
}

std::vector<ExitCode> job_exits() {
  return {ExitCode::found,    ExitCode::busy,        ExitCode::partial,  ExitCode::data,
          ExitCode::no_input, ExitCode::needs_human, ExitCode::deferred, ExitCode::denied};
}

std::vector<Group> groups() {
  std::vector<Group> all;
  for (const DeskFace& face : all_desks()) {
    if (!face.summary.empty()) all.push_back({std::string(face.name()), std::string(face.summary)});
    for (const NamedGroup& group : face.groups)
      all.push_back({std::string(group.path), std::string(group.summary)});
  }
  const std::vector<Group> shared = {
      {"verify", "check what is stored"},
      {"schedule", "what is started when: shown, simulated, written for schedulers"},
      {"runs", "look at the run ledger, go on with a run or close it"},
      {"locks", "see who works on what, take a run away from its holder"},
      {"queue", "look at the items of a queue, queue them again or cancel them"},
      {"limits", "look at the request budgets, pause and resume them"},
      {"actions", "splits, renames and ends of listing: what is known, and by hand"},
      {"alert", "tell people by e-mail"},
      {"ping", "dead-man's switches"},
      {"config", "show and check the configuration"}};
  all.insert(all.end(), shared.begin(), shared.end());
  return all;
}

std::vector<Command> commands() {
  std::vector<Command> all;
  for (const DeskFace& face : all_desks()) {
    if (face.commands == nullptr) continue;
    for (Command& command : face.commands()) {
      command.info.desk = face.name();
      all.push_back(std::move(command));
    }
  }
  all.push_back(verify_data());
  all.push_back(due());
  for (Command& command : schedule()) all.push_back(std::move(command));
  all.push_back(serve_readonly());
  all.push_back(status_command());
  all.push_back(doctor_command());
  for (Command& command : migrate()) all.push_back(std::move(command));
  for (Command& command : runs()) all.push_back(std::move(command));
  all.push_back(events());
  for (Command& command : locks()) all.push_back(std::move(command));
  for (Command& command : queue()) all.push_back(std::move(command));
  for (Command& command : limits()) all.push_back(std::move(command));
  for (Command& command : actions()) all.push_back(std::move(command));
  all.push_back(metrics());
  all.push_back(prune());
  for (Command& command : config_commands()) all.push_back(std::move(command));
  for (Command& command : alert()) all.push_back(std::move(command));
  all.push_back(ping_test());
  all.push_back(exit_codes_command());
  all.push_back(completion());
  all.push_back(man());
  all.push_back(version_command());
  return all;
}

}  // namespace am::cli
