#pragma once
// The whole program as a function: parses, runs one command, prints one result, returns the exit code.
// Nothing below decides an exit code, prints a result or ends the process.

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/stop.hpp"

namespace am::cli {

/// What the process was given. Tests make their own.
struct Environment {
  std::map<std::string, std::string> env;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  kernel::Stop& stop;
  kernel::Transport* transport = nullptr;                 ///< null: the real one
  std::function<void(std::string_view what)> probe = {};  ///< crash sweeps: before every database call
  std::function<Instant()> host_clock = {};               ///< empty: the machine's

  /// "" when it is not set.
  std::string variable(const std::string& name) const {
    const auto found = env.find(name);
    return found == env.end() ? "" : found->second;
  }
};

/// Shape:   args without the program's name.
/// Errors:  none: every error becomes a message, a hint and an exit code.
int run_app(const std::vector<std::string>& args, Environment& environment);

}  // namespace am::cli
