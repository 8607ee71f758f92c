#include <algorithm>

#include "am/base/text.hpp"
#include "completions.hpp"

namespace am::cli {

namespace {

/// "runs list" → "_am_runs_list".
std::string zsh_function(const std::string& path) {
  std::string name = path.empty() ? "_am" : "_am_" + path;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string zsh_escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// ":MESSAGE:ACTION" of _arguments.
std::string zsh_value(const OptionInfo& option, const std::vector<std::string>& choices) {
  const std::string action = !choices.empty()           ? "(" + join(choices, " ") + ")"
                             : option.takes_file()      ? "_files"
                             : option.takes_directory() ? "_path_files -/"
                                                        : " ";
  return ":" + zsh_escaped(option.value, ":") + ":" + action;
}

/// One argument of _arguments: '(-o --output)'{-o+,--output=}'[help]:FORMAT:(table json)'.
std::string zsh_option(const OptionInfo& option, const std::vector<std::string>& choices) {
  std::vector<std::string> specs;
  for (const std::string& name : option.names) {
    specs.push_back(name + (option.value.empty() ? "" : name.starts_with("--") ? "=" : "+"));
  }
  const std::string exclusive = shell_quoted("(" + join(option.names, " ") + ")");
  const std::string rest = shell_quoted("[" + zsh_escaped(option.help, "[]") + "]" +
                                        (option.value.empty() ? "" : zsh_value(option, choices)));
  return exclusive + (specs.size() == 1 ? specs.front() : "{" + join(specs, ",") + "}") + rest;
}

std::string zsh_node(const CommandNode& node, const CommandTree& tree) {
  const std::string indent = " \\\n    ";
  std::string text = zsh_function(node.info.path) + "() {\n";
  if (!node.below.empty()) {
    text +=
        "  local curcontext=$curcontext state ret=1\n  local -a line below\n  local -A opt_args\n  below=(\n";
    for (const std::string& word : node.below) {
      const CommandNode* below = node_below(node, word, tree);
      const std::string summary = below == nullptr ? "" : ":" + zsh_escaped(below->info.summary, ":");
      text += "    " + shell_quoted(word + summary) + "\n";
    }
    text += "  )\n";
  }
  text += "  _arguments " + std::string(node.below.empty() ? "" : "-C -A '-*' ") + "-S : $_am_global";
  for (const OptionInfo& option : tree.global) {
    if (is_output_option(option)) text += indent + zsh_option(option, formats_at(node, tree));
  }
  for (const OptionInfo& option : node.options) text += indent + zsh_option(option, option.choices);
  if (node.below.empty()) {
    for (const OptionInfo& word : node.words)
      text += indent + shell_quoted("1" + zsh_value(word, word.choices));
    return text + "\n}\n\n";
  }
  text += indent + "'1: :->command'" + indent + "'*:: :->rest' && ret=0\n";
  text += "  case $state in\n    command) _describe command below && ret=0 ;;\n    rest)\n";
  text += "      curcontext=${curcontext%:*}-$line[1]:\n      case $line[1] in\n";
  for (const std::string& word : node.below) {
    const std::string path = joined_path(node.info.path, word);
    if (tree.find(path) != nullptr) text += "        " + word + ") " + zsh_function(path) + " && ret=0 ;;\n";
  }
  return text + "      esac\n      ;;\n  esac\n  return ret\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandTree& tree) {
  std::string text = "#compdef am\n# Completion of am in zsh; made by: am completion zsh\n\n";
  text += "typeset -ga _am_global=(\n";
  for (const OptionInfo& option : tree.global) {
    if (!is_output_option(option)) text += "  " + zsh_option(option, option.choices) + "\n";
  }
  text += ")\n\n";
  for (const CommandNode& node : tree.nodes) text += zsh_node(node, tree);
  return text +
         "# As a file of $fpath it is the function itself; read by source it names it.\n"
         "if [[ ${funcstack[1]} == _am ]]; then _am \"$@\"; else compdef _am am; fi\n";
}

}  // namespace am::cli
