#include "help.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "am/base/text.hpp"
#include "command_tree.hpp"

namespace am::cli {

namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kColumn = 30;

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

std::string options_text(const CLI::App& app, bool words) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() == words)
      text += row(option_info(*option).label(), option->get_description());
  }
  return text;
}

/// The commands directly below a path; for a group its own summary.
std::string commands_text(const std::string& path) {
  const std::string prefix = path.empty() ? "" : path + " ";
  const std::vector<Command> all = commands();
  std::string text;
  for (const std::string& name : commands_below(path, all)) {
    std::string summary;
    for (const Group& group : groups()) {
      if (group.path == prefix + name) summary = group.summary;
    }
    for (const Command& command : all) {
      if (command.info.path == prefix + name) summary = command.info.summary;
    }
    text += row(name, summary);
  }
  return text;
}

std::string exit_codes_text(const CommandInfo& info) {
  std::string text;
  for (const ExitCodeInfo& code : exits_of(info)) {
    const std::string number = std::to_string(static_cast<int>(code.code));
    text += "  " + std::string(3 - number.size(), ' ') + number + "  " + std::string(code.meaning) + "\n";
  }
  return text;
}

std::string lines_text(const Lines& lines) {
  std::string text;
  for (const auto& [name, meaning] : lines) text += row(name, meaning);
  return text;
}

std::string section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : "\n" + title + ":\n" + text;
}

}  // namespace

std::string root_help(const CLI::App& root) {
  return root.get_description() + "\n\nUsage: am COMMAND [OPTIONS]\n" +
         section("Commands", commands_text("")) +
         section("Options of every command", options_text(root, false)) +
         section("Environment", lines_text(common_environment())) +
         "\nOne command: am COMMAND --help, or am man COMMAND | man -l -. Exit codes: am exit-codes. "
         "Configuration: am config show --origin\n";
}

std::string group_help(const Group& group) {
  return "am " + group.path + ": " + group.summary + "\n\nUsage: am " + group.path + " COMMAND [OPTIONS]\n" +
         section("Commands", commands_text(group.path));
}

std::string command_help(const CommandInfo& info, const CLI::App& app) {
  const std::string words = options_text(app, true);
  const std::string below = commands_text(info.path);
  std::string usage = "am " + info.path;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) usage += " " + option_info(*option).label();
  }
  std::string examples;
  for (const std::string& example : info.examples) examples += "  " + example + "\n";
  return wrapped("am " + info.path + ": " + info.summary) +
         (info.details.empty() ? "" : "\n" + wrapped(info.details)) + "\nUsage: " + usage + " [OPTIONS]\n" +
         section("Commands", below) + section("Words", words) + section("Options", options_text(app, false)) +
         row("-o, --output FORMAT", join(info.formats, ", ")) +
         row("", "the options of every command: am --help") + section("Examples", examples) +
         section("Exit codes", exit_codes_text(info)) +
         section("Environment", lines_text(environment_of(info)));
}

}  // namespace am::cli
