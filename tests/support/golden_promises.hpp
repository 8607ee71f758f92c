#pragma once
// What docs/output.md and docs/exit-codes.md promise of every run, whatever the command.

#include <map>
#include <string>
#include <vector>

namespace am::test {

struct FinishedRun {
  std::vector<std::string> args;
  std::map<std::string, std::string> env;
  int exit;
  std::string out;
  std::string err;
};

/// A broken promise is a failure of the current test: an exit code that the command's help does not list, a result with
/// `-o json` that is not exactly one object on one line with every field, an error without "am: ", with a full stop or
/// with a secret in it.
void check_promises(const FinishedRun& run);

}  // namespace am::test
