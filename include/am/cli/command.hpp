#pragma once
// How a command is declared: what it is called and promises, its flags, and the function that runs it.
// The argument parser itself is named in flags.cpp and app.cpp only.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/exit_code.hpp"
#include "am/cli/outcome.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the parser's own
class App;
}

namespace am::cli {

class Context;

/// The longest value of an option, in bytes: as long as a path can be.
inline constexpr std::size_t kMostValue = 4096;
/// Errors:  usage, naming the option, when its value is empty or longer than kMostValue.
void check_value(const std::string& name, const std::string& value);

/// Adds options to a command. Every value is read strictly; a bad one is Error{usage} naming flag and value.
class Flags {
 public:
  explicit Flags(CLI::App& app) : app_(app) {}
  void on(const std::string& name, bool& into, const std::string& help);
  void text(const std::string& name, std::optional<std::string>& into, const std::string& value,
            const std::string& help);
  void date(const std::string& name, std::optional<Date>& into, const std::string& help);
  void integer(const std::string& name, std::optional<int>& into, int low, int high, const std::string& help);
  /// One word without a flag; required.
  void word(const std::string& name, std::string& into, const std::string& help);
  /// Any number of words, the names of commands too.
  void words(const std::string& name, std::vector<std::string>& into, const std::string& help);

 private:
  CLI::App& app_;
};

struct CommandInfo {
  std::string path;                   ///< "runs list"
  std::string summary;                ///< one line, lower case, no full stop
  std::string details;                ///< a paragraph or two for --help; may be empty
  std::vector<std::string> examples;  ///< whole lines
  std::vector<ExitCode> exits;        ///< besides 0, 1, 64, 69, 78, 130 and 143
  std::vector<std::string> config;    ///< keys that it reads, and sections of which it reads all
  std::vector<std::string> formats = {"table", "json"};
  std::string desk{};  ///< whose command it is: refused (78) where that is off; empty: of no desk
  /// It runs long, so its log is written as it comes: `--quiet` leaves out what is less than a warning.
  bool streams = false;
  bool any_config = false;  ///< runs with a refused configuration, too: GlobalOptions::config_refused
};

struct Command {
  CommandInfo info;
  std::function<void(Flags&)> flags;
  std::function<Outcome(Context&)> run;
};

/// Binds an options struct to its flags and its run function (what tests call, without argv).
template <class Options>
Command make_command(CommandInfo info, void (*flags)(Flags&, Options&),
                     Outcome (*run)(const Options&, Context&)) {
  const auto options = std::make_shared<Options>();
  return {std::move(info), [=](Flags& f) { flags(f, *options); },
          [=](Context& context) { return run(*options, context); }};
}

/// A group's own name and summary ("runs"), for the help.
struct Group {
  std::string path;
  std::string summary;
};
std::vector<Group> groups();
/// Every command, in the order of the help. Each call makes fresh option values.
std::vector<Command> commands();

}  // namespace am::cli
