#include "support/feed/servicebus.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace am::test {

ServiceBus::ServiceBus(const std::vector<std::string>& options)
    : program_("servicebus", "listener.mjs", "AM_SERVICEBUS_MODULES", options),
      connection_string_(nlohmann::json::parse(program_.ready()).at("connection_string").get<std::string>()) {
}

std::vector<std::string> ServiceBus::client(const std::vector<std::string>& words,
                                            const std::string& input) const {
  std::vector<std::string> argv = {"/usr/bin/env", "node", AM_SOURCE_DIR "/tests/servicebus/client.mjs"};
  argv.insert(argv.end(), words.begin(), words.end());
  const char* path = std::getenv("PATH");
  const Finished done =
      run_process(argv, {.env = {{"PATH", path == nullptr ? "/usr/bin:/bin" : path},
                                 {"AM_SERVICEBUS_MODULES", NodeProgram::packages("servicebus")},
                                 {"SERVICEBUS", connection_string_}},
                         .stdin_from = input});
  if (done.exit != 0) throw std::runtime_error("the Service Bus client failed: " + done.err);
  std::istringstream lines(done.out);
  std::vector<std::string> out;
  for (std::string line; std::getline(lines, line);) out.push_back(line);
  return out;
}

}  // namespace am::test
