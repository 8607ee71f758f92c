#pragma once
// A Service Bus of a test: tests/servicebus/listener.mjs, and what Service Bus's own client does to its queues.

#include <string>
#include <vector>

#include "support/feed/node_program.hpp"

namespace am::test {

class ServiceBus {
 public:
  /// options: --lock-ms N, --most-deliveries N. Errors:  std::runtime_error: see NodeProgram.
  explicit ServiceBus(const std::vector<std::string>& options = {});

  /// For AZURE_SERVICE_BUS_CONNECTION_STRING.
  const std::string& connection_string() const { return connection_string_; }
  /// Runs tests/servicebus/client.mjs ({"send", "work-items", "3"}, {"dead", "work-items", "10"}): the JSON objects that it
  /// prints. input: a file, for its stdin. Errors:  std::runtime_error: the client failed, with what it said.
  std::vector<std::string> client(const std::vector<std::string>& words,
                                  const std::string& input = "/dev/null") const;

 private:
  NodeProgram program_;
  std::string connection_string_;
};

}  // namespace am::test
