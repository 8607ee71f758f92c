#include "support/am_process.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace am::test {

namespace {

using Json = nlohmann::json;
const std::string kSource = AM_SOURCE_DIR;

}  // namespace

std::map<std::string, std::string> desk_env(const TestDb& home) {
  return {{"PATH", "/usr/bin:/bin"},
          {"DATABASE_URL", home.url_elsewhere()},
          {"AM_PICKER", "file:" + kSource + "/tests/fixtures/desk/picks.json"},
          {"AM_PRICES", "csv:" + kSource + "/tests/fixtures/desk/market"}};
}

Finished am(const std::vector<std::string>& args, const std::map<std::string, std::string>& env) {
  return run_process(am_command(args), {.env = env});
}

LoopbackServer::Answer vendors(const LoopbackServer::Request& request) {
  LoopbackServer::Answer answer;
  if (request.method == "POST") {
    const std::string content =
        R"({"picks":[{"ticker":"XOM","action":"BUY","reasoning":"a"},{"ticker":"JPM","action":"BUY","reasoning":"b"},)"
        R"({"ticker":"MCD","action":"SELL","reasoning":"c"}]})";
    answer.body = Json{{"model", "local"},
                       {"choices", Json::array({{{"message", {{"role", "assistant"}, {"content", content}}},
                                                 {"finish_reason", "stop"}}})}}
                      .dump();
    return answer;
  }
  const auto at = request.target.find("symbol=") + 7;
  const std::string symbol = request.target.substr(at, request.target.find('&', at) - at);
  Json days;
  for (const char* day : {"2026-01-22", "2026-01-23", "2026-01-26", "2026-01-27"})
    days[day] = {{"4. close", "101.5"}};
  answer.body = Json{{"Meta Data", {{"2. Symbol", symbol}}}, {"Time Series (Daily)", days}}.dump();
  return answer;
}

std::map<std::string, std::string> vendor_env(const TestDb& home, const LoopbackServer& server) {
  return {{"PATH", "/usr/bin:/bin"},
          {"DATABASE_URL", home.url_elsewhere()},
          {"OPENAI_API_KEY", "sk-process-test-0123"},
          {"OPENAI_BASE_URL", server.url() + "/v1"},
          {"ALPHA_VANTAGE_API_KEY", "PROCESSTEST0123"},
          {"ALPHA_VANTAGE_BASE_URL", server.url()},
          {"ALPHA_VANTAGE_LIMITS", "1000/min"}};
}

bool wait_until(kernel::Db& db, const std::string& query) {
  for (int i = 0; i < 1200; ++i) {
    const std::string value = value_of(db, query);
    if (!value.empty() && value != "f") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

bool wait_until_signals_are_handled(const Process& process) {
  constexpr unsigned long long kTerm = 1ULL << (SIGTERM - 1);
  for (int i = 0; i < 3000; ++i) {
    std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigCgt:") && (std::stoull(line.substr(7), nullptr, 16) & kTerm) != 0) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

bool wait_until_open(const Process& process, const std::string& path) {
  const std::string descriptors = "/proc/" + std::to_string(process.pid()) + "/fd";
  for (int i = 0; i < 3000; ++i) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(descriptors, error), end; !error && at != end;
         at.increment(error)) {
      std::error_code gone;
      if (std::filesystem::read_symlink(at->path(), gone) == path) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

Directory::Directory() {
  std::string name = (std::filesystem::temp_directory_path() / "am-process.XXXXXX").string();
  if (mkdtemp(name.data()) != nullptr) path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Directory::file(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
  return (path_ / name).string();
}

std::string Directory::pipe(const std::string& name) const {
  const std::string path = (path_ / name).string();
  if (mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + path);
  return path;
}

}  // namespace am::test
