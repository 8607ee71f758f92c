#include "support/strategy/worker_bed.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <grp.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace am::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr strategy::Micros kMorning = 1'769'437'800'000'000, kMinute = 60'000'000;

}  // namespace

strategy::WorkerEvent bar_event(int number, double close, bool muted) {
  return {strategy::EventKind::bar,
          muted,
          {kMorning + number * kMinute, close, close + 1, close - 1, close, 1000},
          {}};
}

strategy::WorkerEvent trade_event(int number, double price) {
  return {strategy::EventKind::trade, false, {}, {kMorning + number * kMinute, price, 3}};
}

strategy::WorkerEvent event_of(strategy::EventKind kind) { return {kind, false, {}, {}}; }

strategy::WorkerOptions worker_options(std::string code) {
  strategy::WorkerOptions options;
  options.code = std::move(code);
  options.symbol = "AAPL";
  options.strategy_id = "11111111-1111-4111-8111-111111111111";
  options.session_id = "22222222-2222-4222-8222-222222222222";
  return options;
}

WorkerBed::WorkerBed(const strategy::WorkerOptions& options, strategy::SandboxOptions sandbox)
    : worker_(strategy::make_python_worker(options, sandbox)) {}

WorkerBed::WorkerBed(const std::string& code, strategy::SandboxKind kind)
    : WorkerBed(worker_options(code), {.kind = kind}) {}

void WorkerBed::turn(milliseconds most) {
  pollfd waited{worker_->fd(), static_cast<short>(POLLIN | (worker_->wants_write() ? POLLOUT : 0)), 0};
  const auto left = std::chrono::ceil<milliseconds>(
      std::min(worker_->wake_at() - steady_clock::now(), steady_clock::duration(most)));
  poll(&waited, 1, std::max(0, static_cast<int>(left.count())));
  worker_->pump(answers_);
}

bool WorkerBed::until(const std::function<bool()>& holds, milliseconds most) {
  const auto end = steady_clock::now() + most;
  while (!holds()) {
    if (steady_clock::now() > end) return false;
    turn(milliseconds(100));
  }
  return true;
}

strategy::Evaluated WorkerBed::ask(const strategy::WorkerEvent& event) {
  const std::size_t before = answers_.size();
  if (!worker_->offer(event)) return {};
  const bool came =
      until([&] { return answers_.size() > before || worker_->state() == strategy::WorkerState::failed; });
  return came && answers_.size() > before ? answers_.back() : strategy::Evaluated{};
}

bool WorkerBed::until_state(strategy::WorkerState state) {
  return until([&] { return worker_->state() == state; });
}

std::vector<pid_t> descendants() {
  std::vector<std::pair<pid_t, pid_t>> parents;  // process, its parent
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text);  // one that is gone meanwhile has none
    if (text.rfind(')') == std::string::npos) continue;
    std::istringstream rest(text.substr(text.rfind(')') + 1));
    char state = 0;
    pid_t parent = 0;
    if (rest >> state >> parent && state != 'Z') parents.emplace_back(std::stoi(name), parent);
  }
  std::vector<pid_t> found{getpid()};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const auto& [process, parent] : parents)
      if (parent == found[i]) found.push_back(process);
  found.erase(found.begin());
  return found;
}

std::string as_ordinary_user(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string said;
    try {
      const bool changed =
          geteuid() != 0 || (setgroups(0, nullptr) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
      said = changed ? work() : "it can't become nobody";
    } catch (const std::exception& error) {
      said = error.what();
    }
    said += '\n';
    _exit(write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char text[4096];
  for (ssize_t got = 0; (got = read(ends[0], text, sizeof text)) > 0;)
    said.append(text, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (said.empty()) return "it died with status " + std::to_string(status);
  said.pop_back();
  return said;
}

}  // namespace am::test
