#pragma once
// Values that are well-formed by the table of keys and that a command would refuse all the same. Private.

#include <functional>
#include <string>
#include <vector>

#include "am/base/error.hpp"
#include "am/cli/context.hpp"

namespace am::cli {

/// Tries values as the commands would use them, and keeps what is wrong, each naming its key.
class ValueCheck {
 public:
  explicit ValueCheck(const kernel::Config& config) : config_(config) {}
  /// Where the key has a value. Errors: interrupted, terminated.
  void look(const std::string& key, const std::function<void(const std::string& value)>& use);
  const std::vector<Error>& errors() const { return errors_; }

 private:
  const kernel::Config& config_;
  std::vector<Error> errors_;
};

/// The keys of dead-man's switches: one for each schedule that has one.
std::vector<std::string> ping_keys(const kernel::Config& config);

/// What `config check` and `doctor` tell before a command stumbles over it, of the program and of its enabled desks. Looks
/// into files that are named; asks nobody.
std::vector<Error> unusable_values(Context& context);

}  // namespace am::cli
