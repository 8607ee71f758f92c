#include "strategy/sandbox/process.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "strategy/sandbox/landlock.hpp"
#include "strategy/sandbox/start.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// bwrap ends by itself when what it started is gone; after so long it is ended, too.
constexpr milliseconds kPatience{300};
constexpr std::size_t kMostWords = 2000;

void close_if_open(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// A small file of /proc; empty: it is gone, or hidden.
std::string read_small(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char text[1024];
  const ssize_t got = read(file, text, sizeof text);
  ::close(file);
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
}

std::string how_it_ended(int status, const std::string& words) {
  // bwrap tells of a signal as shells do.
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const char* signal_name = code > 128 ? sigdescr_np(code - 128) : nullptr;
  std::string text = signal_name != nullptr ? "it was ended by signal " + std::to_string(code - 128) + " (" +
                                                  to_lower(signal_name) + ")"
                                            : "it ended with exit code " + std::to_string(code);
  if (!words.empty()) text += ": " + words;
  return text;
}

[[noreturn]] void refuse(std::string_view problem, std::string_view remedy) {
  throw Error(ErrorKind::config, "strategy.sandbox: " + std::string(problem), remedy);
}

}  // namespace

void require_sandbox(const SandboxOptions& options) {
  const std::string& python = options.python;
  if (!python.starts_with("/usr/"))
    refuse(python + ": a sandbox shows /usr alone (expected Python below it)", "install python3");
  if (access(python.c_str(), X_OK) != 0) refuse(python + ": there is no Python", "install python3");
  if (options.kind == SandboxKind::bwrap && access(kBwrap, X_OK) != 0)
    refuse(std::string(kBwrap) + " is not there",
           "install bubblewrap, or set strategy.sandbox = \"landlock\"");
  if (options.kind == SandboxKind::landlock && landlock_version() < 1)
    refuse(
        "this kernel has no Landlock, or it is off (expected Linux 5.13, and landlock in its lsm= parameter)",
        "set strategy.sandbox = \"bwrap\"");
}

SandboxProcess::SandboxProcess(SandboxKind kind, const std::string& python) : kind_(kind) {
  const Started started = start_in_sandbox(kind, python);
  child_ = started.child;
  socket_ = started.socket;
  info_ = started.info;
  words_ = started.words;
}

SandboxProcess::~SandboxProcess() {
  kill();
  while (!ended()) usleep(500);
  for (int* fd : {&socket_, &info_, &words_, &worker_fd_}) close_if_open(*fd);
}

bool SandboxProcess::read_worker_pid() {
  if (kind_ == SandboxKind::landlock) {
    worker_ = child_;
    return true;
  }
  char text[256];
  const ssize_t got = read(info_, text, sizeof text);
  if (got <= 0) return false;
  const std::string_view said(text, static_cast<std::size_t>(got));
  const std::size_t digits = said.find_first_of("0123456789", said.find("\"child-pid\""));
  if (digits == std::string_view::npos) return false;
  return std::from_chars(said.data() + digits, said.data() + said.size(), worker_).ec == std::errc{} &&
         worker_ > 1;
}

bool SandboxProcess::identify() {
  if (!read_worker_pid()) return false;
  close_if_open(info_);
  worker_fd_ = static_cast<int>(syscall(SYS_pidfd_open, worker_, 0));
  if (worker_fd_ < 0 || clock_getcpuclockid(worker_, &clock_) != 0) return false;
  if (kind_ == SandboxKind::landlock) return true;
  // Not before: bwrap itself writes a file, into memory.
  const rlimit nothing{0, 0};
  return prlimit(worker_, RLIMIT_FSIZE, &nothing, nullptr) == 0;
}

std::optional<nanoseconds> SandboxProcess::processor_time() const {
  timespec used{};
  if (worker_ == 0 || clock_gettime(clock_, &used) != 0) return std::nullopt;
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

std::optional<SandboxProcess::Scheduled> SandboxProcess::scheduled() const {
  const std::string folder = "/proc/" + std::to_string(worker_ != 0 ? worker_ : child_);
  const std::string said = read_small(folder + "/schedstat"), stat = read_small(folder + "/stat");
  const std::size_t space = said.find(' '), name_end = stat.rfind(')');
  if (space == std::string::npos || name_end == std::string::npos || stat.size() < name_end + 3)
    return std::nullopt;
  long long waited = 0;
  const char* const from = said.data() + space + 1;
  if (std::from_chars(from, said.data() + said.size(), waited).ec != std::errc{}) return std::nullopt;
  return Scheduled{nanoseconds(waited), stat[name_end + 2] == 'R'};
}

/// Without its process bwrap's child would wait for ever for a word from it.
void SandboxProcess::kill_whom_it_started() const {
  const std::string id = std::to_string(child_);
  const std::string children = read_small("/proc/" + id + "/task/" + id + "/children");
  for (const std::string& each : split(trim(children), ' '))
    if (const auto pid = parse_integer(each, 2, 1LL << 30)) ::kill(static_cast<pid_t>(*pid), SIGKILL);
}

void SandboxProcess::kill() {
  if (child_ == 0 || killed_at_) return;
  killed_at_ = steady_clock::now();
  if (kind_ == SandboxKind::landlock) {
    ::kill(child_, SIGKILL);
  } else if (worker_fd_ >= 0) {
    syscall(SYS_pidfd_send_signal, worker_fd_, SIGKILL, nullptr, 0);
  } else {
    ::kill(child_, SIGSTOP);
    kill_whom_it_started();
    ::kill(child_, SIGKILL);
  }
}

std::optional<std::string> SandboxProcess::ended() {
  if (child_ == 0) return "";
  int status = 0;
  const pid_t got = waitpid(child_, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) {
    if (killed_at_ && steady_clock::now() - *killed_at_ > kPatience) ::kill(child_, SIGKILL);
    return std::nullopt;
  }
  child_ = worker_ = 0;
  char words[kMostWords];
  const ssize_t said = read(words_, words, sizeof words);
  return how_it_ended(status, said > 0 ? one_line({words, static_cast<std::size_t>(said)}) : "");
}

}  // namespace am::strategy
