#pragma once
// A program of Node.js beside a test: ends with it, also when the test is killed, since its stdin does.

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace am::test {

class NodeProgram {
 public:
  /// directory: below tests/, with a package.json, whose packages are installed into the build directory, once, and the
  /// script. variable: the environment variable that tells it where its packages are.
  /// Errors:  std::runtime_error: no Node.js, no packages, or not a line from it within 20 s.
  NodeProgram(const std::string& directory, const std::string& script, const std::string& variable,
              const std::vector<std::string>& options);
  ~NodeProgram();
  NodeProgram(const NodeProgram&) = delete;
  NodeProgram& operator=(const NodeProgram&) = delete;

  /// The line that it prints when it is ready.
  const std::string& ready() const { return ready_; }
  pid_t pid() const { return pid_; }
  /// Where the packages of a directory below tests/ are; installed first, if need be.
  static std::string packages(const std::string& directory);
  void end();

 private:
  void read_ready();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string ready_;
};

}  // namespace am::test
