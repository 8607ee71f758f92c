#include "support/served.hpp"

#include <csignal>
#include <stdexcept>
#include <thread>

#include "support/loopback_server.hpp"

namespace am::test {

Served::Served(std::map<std::string, std::string> env) : port_(LoopbackServer::closed_port()) {
  env.emplace("PATH", "/usr/bin:/bin");
  process_ = std::make_unique<Process>(
      am_command({"serve-readonly", "--listen", "127.0.0.1:" + std::to_string(port_)}),
      ProcessOptions{.env = std::move(env)});
  if (status_soon("/livez", 200) != 200) {
    process_->signal(SIGKILL);
    throw std::runtime_error("am serve-readonly did not come up: " + process_->wait().err);
  }
}

int Served::status_soon(const std::string& target, int status, std::chrono::seconds longest) const {
  const auto end = std::chrono::steady_clock::now() + longest;
  for (int last = 0;; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
    try {
      last = get(target).status;
    } catch (const std::runtime_error&) {  // nobody listens yet
      last = 0;
    }
    if (last == status || std::chrono::steady_clock::now() > end) return last;
  }
}

Finished Served::end() {
  process_->signal(SIGTERM);
  return process_->wait(std::chrono::seconds(30));
}

}  // namespace am::test
