#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "completions.hpp"

namespace am::cli {

namespace {

struct CompletionOptions {
  std::string shell;
};

void completion_flags(Flags& f, CompletionOptions& o) {
  f.word("bash|zsh|fish", o.shell, "the shell that is to complete");
}

Outcome print_completion(const CompletionOptions& o, Context&) {
  if (o.shell != "bash" && o.shell != "zsh" && o.shell != "fish") {
    throw Error(ErrorKind::usage, ellipsize(o.shell, 40) + ": expected bash, zsh or fish");
  }
  const CommandTree tree = completion_tree();
  Outcome outcome;
  outcome.table = o.shell == "bash"  ? bash_completion(tree)
                  : o.shell == "zsh" ? zsh_completion(tree)
                                     : fish_completion(tree);
  outcome.data = nlohmann::ordered_json{{"shell", o.shell}, {"script", outcome.table}}.dump();
  return outcome;
}

}  // namespace

Command completion() {
  return make_command<CompletionOptions>(
      {.path = "completion",
       .summary = "print the script that completes am's commands in a shell",
       .details = "The script is made from the commands and their options; it never starts am.",
       .examples = {"source <(am completion bash)",
                    "am completion bash > ~/.local/share/bash-completion/completions/am",
                    "am completion zsh > /usr/local/share/zsh/site-functions/_am",
                    "am completion fish > ~/.config/fish/completions/am.fish"},
       .exits = {},
       .config = {}},
      completion_flags, print_completion);
}

}  // namespace am::cli
