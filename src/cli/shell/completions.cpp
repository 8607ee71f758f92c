#include "completions.hpp"

#include <algorithm>

namespace am::cli {

std::string joined_path(const std::string& path, const std::string& word) {
  return path.empty() ? word : path + " " + word;
}

CommandTree completion_tree() {
  CommandTree tree = command_tree();
  std::vector<CommandNode> copies;
  for (CommandNode& node : tree.nodes) {
    const bool takes_commands = std::any_of(node.words.begin(), node.words.end(), [](const OptionInfo& word) {
      return word.value == kCommandWord;
    });
    if (!takes_commands) continue;
    node.below = tree.nodes.front().below;
    for (const CommandNode& other : tree.nodes) {
      if (other.info.path.empty() || other.below.empty() || &other == &node) continue;
      CommandNode copy = node;
      copy.info.path = joined_path(node.info.path, other.info.path);
      copy.info.summary = other.info.summary;
      copy.below = other.below;
      copies.push_back(std::move(copy));
    }
  }
  tree.nodes.insert(tree.nodes.end(), copies.begin(), copies.end());
  return tree;
}

const CommandNode* node_below(const CommandNode& node, const std::string& word, const CommandTree& tree) {
  const std::string& path = node.info.path;
  if (const CommandNode* found = tree.find(joined_path(path, word))) return found;
  // A command as another's word: the same without the other.
  const auto space = path.find(' ');
  return tree.find(space == std::string::npos ? word : joined_path(path.substr(space + 1), word));
}

bool is_output_option(const OptionInfo& option) {
  return !option.names.empty() && option.names.back() == "--output";
}

std::vector<std::string> formats_at(const CommandNode& node, const CommandTree& tree) {
  if (!node.is_group) return node.info.formats;
  std::vector<std::string> formats;
  for (const CommandNode& other : tree.nodes) {
    if (other.is_group) continue;
    for (const std::string& format : other.info.formats) {
      if (std::find(formats.begin(), formats.end(), format) == formats.end()) formats.push_back(format);
    }
  }
  return formats;
}

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace am::cli
