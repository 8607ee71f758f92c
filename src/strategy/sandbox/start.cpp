#include "strategy/sandbox/start.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "strategy/sandbox/landlock.hpp"
#include "strategy/sandbox/program.hpp"
#include "strategy/sandbox/seccomp_filter.hpp"

namespace am::strategy {

namespace {

constexpr uid_t kNobody = 65534;
/// Where the new process has its descriptors; it closes all others.
constexpr int kSocketAt = 3, kProgramAt = 4, kInfoAt = 5, kFilterAt = 6;
constexpr rlim_t kMemory = rlim_t{512} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

[[noreturn]] void no_start(const char* what) {
  throw Error(ErrorKind::unavailable, std::string("sandbox: no ") + what + ": " + std::strerror(errno));
}

Descriptor checked(int fd, const char* what) {
  if (fd < 0) no_start(what);
  return Descriptor(fd);
}

Descriptor file_of(const char* name, const void* data, std::size_t size) {
  Descriptor file = checked(memfd_create(name, MFD_CLOEXEC), "memory");
  if (write(file.get(), data, size) != static_cast<ssize_t>(size) || lseek(file.get(), 0, SEEK_SET) != 0)
    no_start("memory");
  return file;
}

std::pair<Descriptor, Descriptor> pipe_pair(const char* what) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) no_start(what);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// Everything that is needed between fork and exec, where nothing may be allocated.
struct ChildPlan {
  SandboxKind kind;
  std::vector<const char*> arguments;    ///< with the null at its end; the first is the program
  std::vector<const char*> environment;  ///< likewise
  LandlockPlan landlock{};
  sock_fprog filter{};
  pid_t parent = 0;
  bool root = false;
  int null = -1, words = -1, socket = -1, program = -1, info = -1, filter_file = -1;
};

std::vector<const char*> python_call(const char* python, const char* program) {
  // As -I, but for the seed of hashes: the same strategy goes through a set in the same order each time.
  return {python, "-s", "-P", "-B", program, nullptr};
}

ChildPlan plan_of_bwrap(const char* python) {
  ChildPlan plan{SandboxKind::bwrap,
                 {kBwrap,
                  "--unshare-user",
                  "--unshare-all",
                  "--as-pid-1",
                  "--new-session",
                  "--die-with-parent",
                  "--cap-drop",
                  "ALL",
                  "--uid",
                  "65534",
                  "--gid",
                  "65534",
                  "--clearenv",
                  "--setenv",
                  "PYTHONHASHSEED",
                  "0",
                  "--ro-bind",
                  "/usr",
                  "/usr",
                  "--symlink",
                  "usr/lib",
                  "/lib",
                  "--symlink",
                  "usr/lib64",
                  "/lib64",
                  "--ro-bind-try",
                  "/etc/alternatives",
                  "/etc/alternatives",
                  "--ro-bind-data",
                  "4",
                  "/worker.py",
                  "--chdir",
                  "/",
                  "--remount-ro",
                  "/",
                  "--info-fd",
                  "5",
                  "--seccomp",
                  "6",
                  "--"},
                 {nullptr}};
  for (const char* word : python_call(python, "/worker.py")) plan.arguments.push_back(word);
  return plan;
}

ChildPlan plan_of_landlock(const std::string& python) {
  ChildPlan plan{
      SandboxKind::landlock, python_call(python.c_str(), "/proc/self/fd/4"), {"PYTHONHASHSEED=0", nullptr}};
  plan.landlock = landlock_plan(python);
  return plan;
}

/// What a child that can't go on says to whoever reads its words.
[[noreturn]] void give_up(const char* what) {
  const auto say = [](const char* text) { return write(STDERR_FILENO, text, std::strlen(text)); };
  if (say("sandbox: ") < 0 || say(what) < 0 || say(": ") < 0 || say(strerrordesc_np(errno)) < 0) _exit(126);
  _exit(127);
}

void set_limit(int which, rlim_t value) {
  const rlimit limit{value, value};
  if (setrlimit(static_cast<__rlimit_resource_t>(which), &limit) != 0) give_up("limits");
}

/// Numbers from 0 on, whichever the sources have.
void arrange_descriptors(ChildPlan& plan) {
  int* const sources[] = {&plan.null,    &plan.words, &plan.socket,
                          &plan.program, &plan.info,  &plan.filter_file};
  for (int* source : sources) {
    if (*source < 0) continue;
    *source = fcntl(*source, F_DUPFD_CLOEXEC, 16);
    if (*source < 0) _exit(126);
  }
  const auto put = [](int source, int at) {
    if (source < 0 ? close(at) != 0 && errno != EBADF : dup2(source, at) < 0) _exit(126);
  };
  put(plan.null, STDIN_FILENO);
  put(plan.words, STDOUT_FILENO);
  put(plan.words, STDERR_FILENO);
  put(plan.socket, kSocketAt);
  put(plan.program, kProgramAt);
  put(plan.info, kInfoAt);
  put(plan.filter_file, kFilterAt);
  if (close_range(kFilterAt + 1, ~0U, 0) != 0) give_up("descriptors");
}

void confine(const ChildPlan& plan) {
  if (setsid() < 0 || chdir("/") != 0) give_up("session");
  set_limit(RLIMIT_FSIZE, 0);
  if (plan.root && (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0))
    give_up("another user");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != plan.parent) give_up("parent");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("privileges");
  if (!restrict_by_landlock(plan.landlock)) give_up("landlock");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &plan.filter) != 0) give_up("seccomp");
}

/// Async-signal-safe: other threads of the parent may have held any lock.
[[noreturn]] void become_worker(ChildPlan& plan) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  arrange_descriptors(plan);
  set_limit(RLIMIT_AS, kMemory);
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_NOFILE, 32);
  if (plan.kind == SandboxKind::landlock) confine(plan);
  execve(plan.arguments[0], const_cast<char* const*>(plan.arguments.data()),
         const_cast<char* const*>(plan.environment.data()));
  give_up(plan.arguments[0]);
}

}  // namespace

Started start_in_sandbox(SandboxKind kind, const std::string& python) {
  const bool bwrap = kind == SandboxKind::bwrap;
  ChildPlan plan = bwrap ? plan_of_bwrap(python.c_str()) : plan_of_landlock(python);
  const auto& filter = worker_filter();
  plan.filter = {static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  plan.parent = getpid();
  plan.root = geteuid() == 0;

  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) no_start("socket");
  Descriptor ours(pair[0]), theirs(pair[1]);
  if (fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) no_start("socket");
  const Descriptor null = checked(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  const std::string_view text = worker_program();
  const Descriptor program = file_of("worker.py", text.data(), text.size());
  auto [words, their_words] = pipe_pair("pipe");
  Descriptor info, their_info, filter_file;
  if (bwrap) {
    std::tie(info, their_info) = pipe_pair("pipe");
    filter_file = file_of("filter", filter.data(), filter.size() * sizeof(sock_filter));
  }
  plan.null = null.get();
  plan.words = their_words.get();
  plan.socket = theirs.get();
  plan.program = program.get();
  plan.info = their_info.get();
  plan.filter_file = filter_file.get();

  const pid_t child = fork();
  if (child < 0) no_start("process");
  if (child == 0) become_worker(plan);
  return {child, ours.release(), info.release(), words.release()};
}

}  // namespace am::strategy
