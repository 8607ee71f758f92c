#include "support/strategy/alpaca.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/http_socket.hpp"

namespace am::test {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestStart{20};

std::array<int, 2> mock_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  return ends;
}

/// The first line that it prints; empty: none in time.
std::string first_line(int fd) {
  std::string line;
  const auto end = steady_clock::now() + kLongestStart;
  while (line.find('\n') == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
    pollfd waiting{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0) return {};
    std::array<char, 4096> bytes{};
    const ssize_t count = read(fd, bytes.data(), bytes.size());
    if (count <= 0) return {};
    line.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return line;
}

}  // namespace

AlpacaMock::AlpacaMock(const std::vector<std::string>& options) {
  std::vector<std::string> words = {"python3", "-B", AM_SOURCE_DIR "/tests/support/strategy/alpaca.py"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto in = mock_pipe();
  const auto out = mock_pipe();
  in_ = in[1];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int error = posix_spawnp(&pid_, "python3", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  const std::string ready = error == 0 ? first_line(out[0]) : std::string();
  close(out[0]);
  if (ready.empty()) {
    if (error != 0) pid_ = -1;
    end();
    throw std::runtime_error("the mock Alpaca did not start: see above");
  }
  url_ = nlohmann::json::parse(ready).at("url").get<std::string>();
  port_ = std::stoi(url_.substr(url_.rfind(':') + 1));
}

AlpacaMock::~AlpacaMock() { end(); }

void AlpacaMock::end() {
  if (in_ >= 0) close(in_);
  in_ = -1;
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

/// http, https.
std::string AlpacaMock::stream_url() const { return "ws" + url_.substr(4); }

std::map<std::string, std::string> AlpacaMock::env() const {
  return {{"ALPACA_API_KEY", std::string(kKey)},
          {"ALPACA_SECRET_KEY", std::string(kSecret)},
          {"ALPACA_BASE_URL", url_},
          {"ALPACA_DATA_URL", url_},
          {"ALPACA_STREAM_URL", stream_url()}};
}

std::string AlpacaMock::ask(const std::string& method, const std::string& body) const {
  HttpSocket socket(port_);
  socket.send(method + " /control HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto answer = socket.answer();
  if (!answer) throw std::runtime_error("the mock Alpaca did not answer");
  if (answer->status != 200)
    throw std::runtime_error("the mock Alpaca refused " + body + ": " + answer->body);
  return answer->body;
}

void AlpacaMock::control(const std::string& json) const { ask("POST", json); }

std::string AlpacaMock::state() const { return ask("GET", {}); }

std::vector<AlpacaMock::Post> AlpacaMock::posts() const {
  const auto all = nlohmann::json::parse(state());
  std::vector<Post> out;
  for (const auto& post : all.at("posts")) {
    out.push_back({.client_order_id = post.at("client_order_id"),
                   .body = post.at("body").dump(),
                   .word = post.at("as"),
                   .status = post.at("status").is_null() ? 0 : post.at("status").get<int>()});
  }
  return out;
}

std::map<std::string, std::string> AlpacaMock::orders() const {
  const auto all = nlohmann::json::parse(state());
  std::map<std::string, std::string> out;
  for (const auto& [id, order] : all.at("orders").items()) out.emplace(id, order.dump());
  return out;
}

std::map<std::string, std::string> AlpacaMock::positions() const {
  return nlohmann::json::parse(state()).at("positions").get<std::map<std::string, std::string>>();
}

std::vector<std::string> AlpacaMock::subscribed(const std::string& stream, const std::string& list) const {
  const auto all = nlohmann::json::parse(state());
  std::vector<std::string> out;
  for (const auto& client : all.at("stream").at("clients")) {
    if (client.at("path") != stream || !client.at("authenticated").get<bool>()) continue;
    for (const auto& symbol : client.at(list)) out.push_back(symbol);
  }
  return out;
}

long long AlpacaMock::count(const std::string& counter) const {
  return nlohmann::json::parse(state()).at("stream").at("counters").at(counter);
}

long long AlpacaMock::requests(const std::string& what) const {
  return nlohmann::json::parse(state()).at("requests").value(what, 0LL);
}

bool AlpacaMock::wait(const std::function<bool()>& holds) {
  for (const auto end = steady_clock::now() + kLongestStart; steady_clock::now() < end;) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

}  // namespace am::test
