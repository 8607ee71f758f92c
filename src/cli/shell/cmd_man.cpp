#include <cerrno>
#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/kernel/file_write.hpp"
#include "cli/commands.hpp"
#include "man_page.hpp"

namespace am::cli {

namespace {

struct ManOptions {
  std::vector<std::string> words;
  std::optional<std::string> to;
};

void man_flags(Flags& f, ManOptions& o) {
  f.words(to_lower(kCommandWord), o.words, "the command whose page it is (default: am itself)");
  f.text("--to", o.to, "DIR", "write every page into this directory");
}

[[noreturn]] void refuse_directory(const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  const bool no_place = error == ENOENT || error == ENOTDIR || error == EISDIR || error == EEXIST;
  throw Error(denied     ? ErrorKind::denied
              : no_place ? ErrorKind::no_input
                         : ErrorKind::bug,
              path + ": cannot be written: " + std::strerror(error),
              "name a directory that this user may write to");
}

/// False: the file was so already.
bool write_page(const std::string& path, const std::string& text, const kernel::Patience& patience) {
  const auto there = kernel::read_file(path, {.patience = patience});
  if (there && there.value() == text) return false;
  kernel::write_file_atomically(path, text);
  return true;
}

Outcome write_pages(const std::string& directory, const CommandTree& tree, const kernel::Patience& patience) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) refuse_directory(directory, failed.value());
  long long written = 0;
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const CommandNode& node : tree.nodes) {
    const std::string path = (std::filesystem::path(directory) / (man_name(node.info.path) + ".1")).string();
    written += write_page(path, man_page(node, tree), patience) ? 1 : 0;
    files.push_back(path);
  }
  Outcome outcome;
  outcome.kind = written > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.counts = {{"written", written}, {"unchanged", static_cast<long long>(tree.nodes.size()) - written}};
  for (const auto& [name, count] : outcome.counts)
    outcome.table += name + ": " + std::to_string(count) + "\n";
  outcome.data = nlohmann::ordered_json{{"files", files}}.dump();
  return outcome;
}

Outcome print_or_write_pages(const ManOptions& o, Context& context) {
  const CommandTree tree = command_tree();
  const std::string path = join(o.words, " ");
  if (o.to) {
    if (!path.empty())
      throw Error(ErrorKind::usage, "--to: writes the page of every command (expected no COMMAND)");
    return write_pages(*o.to, tree, context.patience());
  }
  const CommandNode* node = tree.find(path);
  if (node == nullptr) {
    std::vector<std::string> paths;
    for (const CommandNode& one : tree.nodes) paths.push_back(one.info.path);
    const std::string near = nearest_name(path, paths);
    throw Error(ErrorKind::usage, ellipsize(path, 60) + ": unknown command",
                near.empty() ? "see: am --help" : "did you mean " + near + "?");
  }
  Outcome outcome;
  outcome.table = man_page(*node, tree);
  outcome.data = nlohmann::ordered_json{{"name", man_name(path)}, {"page", outcome.table}}.dump();
  return outcome;
}

}  // namespace

Command man() {
  return make_command<ManOptions>(
      {.path = "man",
       .summary = "print the manual page of am or of one command, or write them all",
       .details = "",
       .examples = {"am man run-weekly | man -l -", "am man runs list | man -l -",
                    "am man --to /usr/local/share/man/man1"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {}},
      man_flags, print_or_write_pages);
}

}  // namespace am::cli
