#pragma once
// A program of Node.js beside a test: ends with it, also when the test is killed, since its stdin does.

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace am::test {

class NodeProgram {
 public:
  /// packages: the directory below tests/ whose package.json it needs; installed into the build directory, once.
  /// script: path below that directory. variable: the environment variable that tells it where its packages are.
  /// Errors:  std::runtime_error: no Node.js, no packages, or not a line from it within 20 s.
  NodeProgram(const std::string& packages, const std::string& script, const std::string& variable,
              const std::vector<std::string>& options);
  ~NodeProgram();
  NodeProgram(const NodeProgram&) = delete;
  NodeProgram& operator=(const NodeProgram&) = delete;

  /// The line that it prints when it is ready.
  const std::string& ready() const { return ready_; }
  pid_t pid() const { return pid_; }
  void end();

 private:
  void read_ready();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string ready_;
};

}  // namespace am::test
