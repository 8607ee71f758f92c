#pragma once
// The pages of the manual, from the command tree: roff with the man(7) macros. Nothing in them varies but the version.

#include <string>

#include "cli/command_tree.hpp"

namespace am::cli {

/// "am-runs-list", the page's name without its section.
std::string man_name(const std::string& path);
/// Shape:   am(1) for the root's node, else the command's or the group's page.
std::string man_page(const CommandNode& node, const CommandTree& tree);

}  // namespace am::cli
