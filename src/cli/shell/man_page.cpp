#include "man_page.hpp"

#include <algorithm>

#include "am/base/text.hpp"
#include "am/kernel/version.hpp"

namespace am::cli {

namespace {

/// Text as roff shows it: backslashes, hyphens (a plain one may become a typographic one) and what begins a request.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

/// An argument of a macro.
std::string roff_argument(const std::string& text) {
  std::string out;
  for (const char c : roff(text)) out += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return "\"" + out + "\"";
}

std::string roff_bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string roff_italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string man_section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : ".SH " + roff_argument(title) + "\n" + text;
}

std::string roff_tagged(const std::string& tag, const std::string& text) {
  return ".TP\n" + tag + "\n" + roff(text) + "\n";
}

std::string roff_option_tag(const OptionInfo& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(roff_bold(name));
  if (names.empty()) return roff_italic(option.value);
  return join(names, ", ") + (option.value.empty() ? "" : " " + roff_italic(option.value));
}

std::string man_options(const std::vector<OptionInfo>& options) {
  std::string text;
  for (const OptionInfo& option : options) text += roff_tagged(roff_option_tag(option), option.help);
  return text;
}

std::string man_lines(const Lines& lines) {
  std::string text;
  for (const auto& [name, meaning] : lines) text += roff_tagged(roff_bold(name), meaning);
  return text;
}

std::string man_commands(const CommandNode& node, const CommandTree& tree) {
  std::string text;
  for (const std::string& word : node.below) {
    const std::string path = node.info.path.empty() ? word : node.info.path + " " + word;
    const CommandNode* below = tree.find(path);
    text += roff_tagged("\\fB" + roff(man_name(path)) + "\\fR(1)", below->info.summary);
  }
  return text;
}

std::string roff_synopsis(const CommandNode& node) {
  std::string text = roff_bold(node.info.path.empty() ? "am" : "am " + node.info.path);
  if (node.is_group) return text + " " + roff_italic("COMMAND") + " [" + roff_italic("OPTIONS") + "]\n";
  for (const OptionInfo& word : node.words) text += " " + roff_italic(word.label());
  return text + " [" + roff_italic("OPTIONS") + "]\n";
}

std::string roff_description(const CommandNode& node) {
  if (node.info.path.empty()) {
    return roff(
               "Every command is a short process that a scheduler starts and that anyone may run again: it finds what "
               "is done, does what is missing, and ends. All state is in PostgreSQL.\nThe result goes to stdout, "
               "everything else to stderr.") +
           "\n";
  }
  std::string summary = node.info.summary;
  summary[0] = to_upper(summary.substr(0, 1))[0];
  return roff(summary + ".") + "\n" +
         (node.info.details.empty() ? "" : ".PP\n" + roff(node.info.details) + "\n");
}

std::string man_exits(const std::vector<ExitCodeInfo>& codes) {
  std::string text;
  for (const ExitCodeInfo& code : codes)
    text += roff_tagged(roff_bold(std::to_string(static_cast<int>(code.code))), std::string(code.meaning));
  return text;
}

std::string man_examples(const std::vector<std::string>& examples) {
  std::string text;
  for (const std::string& example : examples)
    text += std::string(text.empty() ? "" : ".PP\n") + ".nf\n" + roff(example) + "\n.fi\n";
  return text;
}

std::string man_files() {
  return roff_tagged(roff_italic("$XDG_CONFIG_HOME/am/am.toml"),
                     "the user's configuration (~/.config/am/am.toml)") +
         roff_tagged(roff_italic("/etc/am/am.toml"), "the machine's configuration, when the user has none");
}

/// The pages above, beside and below.
std::string roff_see_also(const CommandNode& node, const CommandTree& tree) {
  const std::string& path = node.info.path;
  std::vector<std::string> names;
  if (!path.empty()) {
    names.emplace_back("am");
    const auto space = path.rfind(' ');
    if (space != std::string::npos) {
      const CommandNode* above = tree.find(path.substr(0, space));
      names.push_back(man_name(above->info.path));
      for (const std::string& word : above->below) {
        if (above->info.path + " " + word != path) names.push_back(man_name(above->info.path + " " + word));
      }
    }
  }
  for (const std::string& word : node.below)
    names.push_back(man_name(path.empty() ? word : path + " " + word));
  for (std::string& name : names) name = "\\fB" + roff(name) + "\\fR(1)";
  return join(names, ",\n") + "\n";
}

}  // namespace

std::string man_name(const std::string& path) {
  std::string name = path.empty() ? "am" : "am-" + path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string man_page(const CommandNode& node, const CommandTree& tree) {
  const bool whole = node.info.path.empty();
  std::string options = man_options(node.words) + man_options(node.options);
  if (!node.is_group) {
    options += roff_tagged(roff_bold("-o") + ", " + roff_bold("--output") + " " + roff_italic("FORMAT"),
                           join(node.info.formats, ", "));
    options += ".PP\nThe options of every command are in \\fBam\\fR(1).\n";
  }
  std::vector<ExitCodeInfo> codes;
  if (whole) {
    codes.assign(exit_codes().begin(), exit_codes().end());
  } else if (!node.is_group) {
    codes = exits_of(node.info);
  }
  std::string environment = man_lines(whole ? common_environment() : environment_of(node.info));
  if (whole) environment += ".PP\nThe page of each command lists the settings that it reads besides.\n";
  return ".\\\" Made by: am man\n.TH " + roff_argument(to_upper(man_name(node.info.path))) + " 1 \"\" " +
         roff_argument("am " + std::string(kernel::version())) + " \"Alpha Monday\"\n" +
         man_section("NAME", roff(man_name(node.info.path)) + " \\- " + roff(node.info.summary) + "\n") +
         man_section("SYNOPSIS", roff_synopsis(node)) + man_section("DESCRIPTION", roff_description(node)) +
         man_section("COMMANDS", man_commands(node, tree)) + man_section("OPTIONS", options) +
         man_section("GLOBAL OPTIONS", whole ? man_options(tree.global) : "") +
         man_section("EXIT STATUS", man_exits(codes)) + man_section("ENVIRONMENT", environment) +
         man_section("FILES", whole ? man_files() : "") +
         man_section("EXAMPLES", man_examples(node.info.examples)) +
         man_section("SEE ALSO", roff_see_also(node, tree));
}

}  // namespace am::cli
