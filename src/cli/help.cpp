#include "help.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "am/base/text.hpp"
#include "am/kernel/config.hpp"

namespace am::cli {

namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kColumn = 28;
constexpr ExitCode kAlwaysPossible[] = {ExitCode::ok, ExitCode::failure, ExitCode::usage, ExitCode::config};

std::string row(const std::string& left, const std::string& right) {
  std::string text = "  " + left;
  text.resize(std::max(text.size() + 2, kColumn), ' ');
  return text + right + "\n";
}

std::string wrapped(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  std::size_t column = 0;
  for (std::string word; words >> word;) {
    const bool fits = column == 0 || column + 1 + word.size() <= kWidth;
    out += column == 0 ? "" : fits ? " " : "\n";
    column = fits && column > 0 ? column + 1 + word.size() : word.size();
    out += word;
  }
  return out + "\n";
}

std::string option_name(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  if (names.empty()) return to_upper(option.get_name(true));
  const bool value = option.get_items_expected_max() > 0;
  return join(names, ", ") + (value ? " " + option.get_type_name() : "");
}

std::string options_text(const CLI::App& app, bool words) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() == words) text += row(option_name(*option), option->get_description());
  }
  return text;
}

/// The commands directly below a path; for a group its own summary.
std::string commands_below(const std::string& path) {
  const std::string prefix = path.empty() ? "" : path + " ";
  std::vector<std::string> seen;
  std::string text;
  for (const Command& command : commands()) {
    if (!command.info.path.starts_with(prefix) || command.info.path == path) continue;
    const std::string name =
        command.info.path.substr(prefix.size(), command.info.path.find(' ', prefix.size()) - prefix.size());
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    seen.push_back(name);
    std::string summary = command.info.summary;
    for (const Group& group : groups()) {
      if (group.path == prefix + name) summary = group.summary;
    }
    text += row(name, summary);
  }
  return text;
}

std::string exit_codes_text(const CommandInfo& info) {
  std::vector<ExitCode> codes(std::begin(kAlwaysPossible), std::end(kAlwaysPossible));
  codes.insert(codes.end(), info.exits.begin(), info.exits.end());
  std::string text;
  for (const ExitCodeInfo& code : exit_codes()) {
    if (std::find(codes.begin(), codes.end(), code.code) == codes.end()) continue;
    const std::string number = std::to_string(static_cast<int>(code.code));
    text += "  " + std::string(3 - number.size(), ' ') + number + "  " + std::string(code.meaning) + "\n";
  }
  return text;
}

std::string config_text(const CommandInfo& info) {
  std::string text;
  for (const kernel::ConfigKey& key : kernel::config_keys()) {
    if (std::find(info.config.begin(), info.config.end(), key.name) == info.config.end()) continue;
    text += row(std::string(key.env.empty() ? key.name : key.env), std::string(key.help));
  }
  return text;
}

std::string section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : "\n" + title + ":\n" + text;
}

}  // namespace

std::string root_help(const CLI::App& root) {
  return root.get_description() + "\n\nUsage: am COMMAND [OPTIONS]\n" +
         section("Commands", commands_below("")) +
         section("Options of every command", options_text(root, false)) +
         "\nOne command: am COMMAND --help. Exit codes: am exit-codes. Configuration: am config show "
         "--origin\n";
}

std::string group_help(const Group& group) {
  return "am " + group.path + ": " + group.summary + "\n\nUsage: am " + group.path + " COMMAND [OPTIONS]\n" +
         section("Commands", commands_below(group.path));
}

std::string command_help(const CommandInfo& info, const CLI::App& app) {
  const std::string words = options_text(app, true);
  const std::string below = commands_below(info.path);
  std::string usage = "am " + info.path;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) usage += " " + option_name(*option);
  }
  std::string examples;
  for (const std::string& example : info.examples) examples += "  " + example + "\n";
  return wrapped("am " + info.path + ": " + info.summary) +
         (info.details.empty() ? "" : "\n" + wrapped(info.details)) + "\nUsage: " + usage + " [OPTIONS]\n" +
         section("Commands", below) + section("Words", words) + section("Options", options_text(app, false)) +
         row("-o, --output FORMAT", join(info.formats, ", ")) +
         row("", "the options of every command: am --help") + section("Examples", examples) +
         section("Exit codes", exit_codes_text(info)) + section("Reads", config_text(info));
}

}  // namespace am::cli
