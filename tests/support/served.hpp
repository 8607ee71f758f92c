#pragma once
// The real `am serve-readonly` on a free port, ended with the test.

#include <map>
#include <memory>
#include <string>

#include "support/http_socket.hpp"
#include "support/process.hpp"

namespace am::test {

class Served {
 public:
  /// Waits until it answers. Errors: a failure of the test with what it said, and std::runtime_error.
  explicit Served(std::map<std::string, std::string> env);
  int port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  HttpAnswer get(const std::string& target, const std::string& headers = {}) const {
    return http_get(port_, target, headers);
  }
  /// The status of a path, as soon as it is that one; else the last after so long.
  int status_soon(const std::string& target, int status,
                  std::chrono::seconds longest = std::chrono::seconds(20)) const;
  /// SIGTERM, and what it left.
  Finished end();

 private:
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace am::test
