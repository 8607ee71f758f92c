#include "command_tree.hpp"

#include <algorithm>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/config.hpp"
#include "commands.hpp"
#include "config_table.hpp"
#include "parse.hpp"

namespace am::cli {

namespace {

/// The configuration may be a pipe, which is waited for.
constexpr ExitCode kAlwaysPossible[] = {ExitCode::ok,          ExitCode::failure, ExitCode::usage,
                                        ExitCode::unavailable, ExitCode::config,  ExitCode::interrupted,
                                        ExitCode::terminated};
constexpr std::string_view kDatabase = "database.";

std::vector<std::string> split_at_bars(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t bar = std::min(text.find('|', from), text.size());
    parts.push_back(text.substr(from, bar - from));
    from = bar + 1;
  }
  return parts;
}

/// A value written as wait|fail lists its choices; an option that stands for a configuration key has the key's.
std::vector<std::string> choices_of(const OptionInfo& option) {
  if (option.value.find('|') != std::string::npos) return split_at_bars(option.value);
  if (option.names.empty()) return {};
  std::string key_name = option.names.back().substr(2);
  std::replace(key_name.begin(), key_name.end(), '-', '.');
  for (const kernel::ConfigKey& key : config_table().keys()) {
    if (key.name == key_name) return {key.allowed.begin(), key.allowed.end()};
  }
  return {};
}

void read_options(const CLI::App& app, std::vector<OptionInfo>& words, std::vector<OptionInfo>& options) {
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? words : options).push_back(option_info(*option));
  }
}

CommandNode node_of(Command& command, const std::vector<Command>& all) {
  CLI::App app;
  app.set_help_flag();
  Flags flags(app);
  command.flags(flags);
  CommandNode node{.info = command.info, .is_group = false, .words = {}, .options = {}, .below = {}};
  read_options(app, node.words, node.options);
  node.below = commands_below(command.info.path, all);
  return node;
}

}  // namespace

std::string OptionInfo::label() const {
  if (names.empty()) return many ? "[" + value + "...]" : value;
  return join(names, ", ") + (value.empty() ? "" : " " + value);
}

OptionInfo option_info(const CLI::Option& option) {
  OptionInfo info;
  info.help = option.get_description();
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  if (info.names.empty()) {
    const std::string name = option.get_name(true);
    info.value = name.find('|') == std::string::npos ? to_upper(name) : name;
    info.many = !option.get_required();
  } else if (option.get_items_expected_max() > 0) {
    info.value = option.get_type_name();
  }
  info.choices = choices_of(info);
  return info;
}

const CommandNode* CommandTree::find(const std::string& path) const {
  const auto it = std::find_if(nodes.begin(), nodes.end(),
                               [&](const CommandNode& node) { return node.info.path == path; });
  return it == nodes.end() ? nullptr : &*it;
}

std::vector<std::string> commands_below(const std::string& path, const std::vector<Command>& all) {
  const std::string prefix = path.empty() ? "" : path + " ";
  std::vector<std::string> names;
  for (const Command& command : all) {
    if (!command.info.path.starts_with(prefix) || command.info.path == path) continue;
    const std::string name =
        command.info.path.substr(prefix.size(), command.info.path.find(' ', prefix.size()) - prefix.size());
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

CommandTree command_tree() {
  CommandTree tree;
  std::vector<Command> all = commands();
  GlobalOptions options;
  CLI::App root;
  add_global_options(root, options);
  std::vector<OptionInfo> none;
  read_options(root, none, tree.global);

  const auto add_group = [&](const std::string& path, const std::string& summary) {
    CommandNode node;
    node.info.path = path;
    node.info.summary = summary;
    node.below = commands_below(path, all);
    tree.nodes.push_back(std::move(node));
  };
  add_group("", std::string(kProgramSummary));
  for (Command& command : all) {
    for (const Group& group : groups()) {
      if (command.info.path.starts_with(group.path + " ") && tree.find(group.path) == nullptr)
        add_group(group.path, group.summary);
    }
    tree.nodes.push_back(node_of(command, all));
  }
  return tree;
}

std::vector<ExitCodeInfo> exits_of(const CommandInfo& info) {
  std::vector<ExitCode> codes(std::begin(kAlwaysPossible), std::end(kAlwaysPossible));
  codes.insert(codes.end(), info.exits.begin(), info.exits.end());
  std::vector<ExitCodeInfo> found;
  for (const ExitCodeInfo& code : exit_codes()) {
    if (std::find(codes.begin(), codes.end(), code.code) != codes.end()) found.push_back(code);
  }
  return found;
}

Lines environment_of(const CommandInfo& info) {
  // Whoever needs the database needs to know how long it may take.
  const auto reads = [&](std::string_view name) {
    if (name.starts_with(kDatabase)) name = "database.url";
    return reads_key(info, name);
  };
  Lines lines;
  for (const kernel::ConfigKey& key : config_table().keys()) {
    if (!reads(key.name)) continue;
    lines.emplace_back(key.env.empty() ? key.name : key.env, key.help);
  }
  return lines;
}

Lines common_environment() {
  return {
      {"AM_CONFIG", "configuration file; --config beats it"},
      {"XDG_CONFIG_HOME, HOME", "where am/am.toml and .config/am/am.toml are looked for without AM_CONFIG"},
      {"AM_NOW", "the moment to run as of; --now beats it"},
      {"LOG_LEVEL, AM_LOG_FORMAT", "as --log-level and --log-format, which beat them"},
      {"NAME_FILE", "path of a file with the secret NAME, such as DATABASE_URL_FILE"},
      {"CREDENTIALS_DIRECTORY", "directory with one file for each secret, from systemd; beats NAME_FILE"},
      {"NO_COLOR", "no colour when it is set and not empty; --color beats it"},
      {"TERM", "dumb: a terminal without colour and progress bars"},
      {"TRACEPARENT, TRACESTATE", "the caller's trace, for log lines and outgoing requests"}};
}

}  // namespace am::cli
