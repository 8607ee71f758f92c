#include "am/base/text.hpp"
#include "completions.hpp"

namespace am::cli {

namespace {

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_value(const OptionInfo& option, const std::vector<std::string>& choices) {
  if (!choices.empty()) return " -x -a " + fish_quoted(join(choices, " "));
  if (option.takes_file()) return " -r -F";
  if (option.takes_directory()) return " -x -a '(__fish_complete_directories)'";
  return " -x";
}

/// condition: "" for the options of every command.
std::string fish_option(const std::string& condition, const OptionInfo& option,
                        const std::vector<std::string>& choices) {
  std::string line = "complete -c am" + condition;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.value.empty()) line += fish_value(option, choices);
  return line + " -d " + fish_quoted(option.help) + "\n";
}

/// The options that take the next word as their value, as "COMMAND:OPTION"; those of every command as "*:OPTION".
std::string fish_takers(const CommandTree& tree) {
  std::string patterns;
  const auto add = [&](const std::string& path, const OptionInfo& option) {
    if (option.value.empty()) return;
    for (const std::string& name : option.names) patterns += " " + fish_quoted(path + ":" + name);
  };
  for (const OptionInfo& option : tree.global) add("*", option);
  for (const CommandNode& node : tree.nodes) {
    for (const OptionInfo& option : node.options) add(node.info.path, option);
  }
  return patterns;
}

std::string fish_node(const CommandNode& node, const CommandTree& tree) {
  const std::string at = "__am_at " + fish_quoted(node.info.path);
  const std::string condition = " -n " + fish_quoted(at);
  const std::string first = " -n " + fish_quoted(at + " first");
  std::string text;
  for (const std::string& word : node.below) {
    const CommandNode* below = node_below(node, word, tree);
    text += "complete -c am" + first + " -a " + word +
            (below == nullptr ? "" : " -d " + fish_quoted(below->info.summary)) + "\n";
  }
  for (const OptionInfo& word : node.words) {
    if (node.below.empty() && (word.takes_file() || word.takes_directory() || !word.choices.empty()))
      text += "complete -c am" + first + fish_value(word, word.choices) + "\n";
  }
  for (const OptionInfo& option : tree.global) {
    if (is_output_option(option)) text += fish_option(condition, option, formats_at(node, tree));
  }
  for (const OptionInfo& option : node.options) text += fish_option(condition, option, option.choices);
  return text;
}

}  // namespace

std::string fish_completion(const CommandTree& tree) {
  std::string paths;
  for (const CommandNode& node : tree.nodes) {
    for (const std::string& word : node.below) paths += " " + fish_quoted(joined_path(node.info.path, word));
  }
  std::string text =
      "# Completion of am in fish; made by: am completion fish\n\n"
      "set -g __am_paths" +
      paths +
      "\n\n"
      "# Whether the words so far are the command $argv[1]; with a second argument: and nothing more.\n"
      "function __am_at\n"
      "    set -l path ''\n"
      "    set -l taker\n"
      "    set -l extra\n"
      "    set -l words (commandline -opc)\n"
      "    for word in $words[2..-1]\n"
      "        if set -q taker[1]\n"
      "            set taker\n"
      "            continue\n"
      "        end\n"
      "        switch \"$path:$word\"\n"
      "            case" +
      fish_takers(tree) +
      "\n"
      "                set taker $word\n"
      "                continue\n"
      "        end\n"
      "        string match -q -- '-?*' $word; and continue\n"
      "        set -l longer (string trim \"$path $word\")\n"
      "        if contains -- $longer $__am_paths\n"
      "            set path $longer\n"
      "        else\n"
      "            set extra $word\n"
      "        end\n"
      "    end\n"
      "    test \"$path\" = \"$argv[1]\"; or return 1\n"
      "    not set -q argv[2]; or not set -q extra[1]\n"
      "end\n\n"
      "complete -c am -f\n";
  for (const OptionInfo& option : tree.global) {
    if (!is_output_option(option)) text += fish_option("", option, option.choices);
  }
  for (const CommandNode& node : tree.nodes) text += fish_node(node, tree);
  return text;
}

}  // namespace am::cli
