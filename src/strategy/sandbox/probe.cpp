// A worker that tries what it must not be able to do, before one that is not ours is believed to be held.

#include <algorithm>
#include <string>
#include <vector>

#include <poll.h>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

namespace {

/// Prints what it could do, and at the end that it has tried everything. Only calls that a hardened unit's own filter
/// refuses with an error: of some it kills who makes them.
constexpr std::string_view kAttempts = R"py(
import os

def attempt(what, act):
    try:
        if act() is not False:
            print(what)
    except BaseException:
        pass

def reads(path):
    with open(path, "rb") as file:
        file.read(1)

def writes(path):
    with open(path, "wb") as file:
        file.write(b"x")

def process():
    if os.fork() == 0:
        os._exit(0)

def thread():
    import _thread
    _thread.start_new_thread(lambda: None, ())

def connection(family):
    import socket
    socket.socket(family, socket.SOCK_DGRAM)

def inherited():
    for number in range(4, 1024):
        try:
            os.fstat(number)
            return True
        except OSError:
            pass
    return False

def raw(*call):
    import ctypes
    return ctypes.CDLL(None).syscall(*call) != -1

def on_bar(bar):
    for path in ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/environ", "/root/.profile", "/dev/null"):
        attempt("read " + path, lambda: reads(path))
    for path in ("/worker.py", "/tmp/am-probe", "/var/tmp/am-probe", "/dev/shm/am-probe", "/usr/am-probe", "/am-probe"):
        attempt("write " + path, lambda: writes(path))
    attempt("start a process", process)
    attempt("start a thread", thread)
    attempt("send a signal", lambda: os.kill(os.getppid(), 0))
    for family in (1, 2, 10, 16):
        attempt("open a socket of family %d" % family, lambda: connection(family))
    attempt("use an inherited descriptor", inherited)
    attempt("see a secret of the environment", lambda: any("URL" in name or "KEY" in name for name in os.environ))
    attempt("make namespaces", lambda: raw(272, 0x10000000))
    attempt("keep a key in the kernel", lambda: raw(248, b"user", b"am", b"x", 1, -3))
    print("tried")
)py";

/// What bwrap says where it may make no namespaces.
constexpr std::string_view kRemedy =
    "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0; "
    "in a unit RestrictNamespaces= and SystemCallFilter=@mount as `am schedule export` writes them; of a container its "
    "seccomp profile), or set strategy.sandbox = \"landlock\"";

[[noreturn]] void no_sandbox(const SandboxOptions& sandbox, const std::string& why) {
  const bool bwrap = sandbox.kind == SandboxKind::bwrap;
  throw Error(ErrorKind::config,
              std::string("strategy.sandbox: ") + (bwrap ? "bwrap" : "landlock") +
                  ": no worker can be started: " + why,
              bwrap ? std::string(kRemedy) : "set strategy.sandbox = \"bwrap\"");
}

void drive_probe(Worker& worker, std::vector<Evaluated>& answers, kernel::SteadyTime end) {
  using std::chrono::milliseconds;
  while (answers.empty() && worker.state() != WorkerState::failed && worker.reason().empty()) {
    const auto now = std::chrono::steady_clock::now();
    if (now > end) return;
    const auto wait = std::min({worker.wake_at(), end, now + milliseconds(100)}) - now;
    pollfd socket{worker.fd(), static_cast<short>(POLLIN | (worker.wants_write() ? POLLOUT : 0)), 0};
    poll(&socket, 1, std::max(0, static_cast<int>(std::chrono::ceil<milliseconds>(wait).count())));
    worker.pump(answers);
  }
}

}  // namespace

void probe_sandbox(const SandboxOptions& sandbox) {
  WorkerOptions options;
  options.code = kAttempts;
  SandboxOptions patient = sandbox;  // imports and a few hundred refused calls, on any machine
  patient.cpu_limit = std::max(sandbox.cpu_limit, std::chrono::milliseconds(2000));
  patient.wall_limit = std::max(sandbox.wall_limit, sandbox.start_limit);
  const auto worker = make_python_worker(options, patient);
  worker->offer({EventKind::bar, false, {0, 1, 1, 1, 1, 1}, {}});
  std::vector<Evaluated> answers;
  drive_probe(*worker, answers, std::chrono::steady_clock::now() + patient.start_limit + patient.wall_limit);
  if (answers.empty()) no_sandbox(sandbox, worker->reason().empty() ? "it did not answer" : worker->reason());
  std::vector<std::string>& output = answers.front().output;
  if (!answers.front().error.empty() || output.empty() || output.back() != "tried")
    no_sandbox(sandbox, "its probe did not come to an end");
  output.pop_back();
  if (!output.empty())
    throw Error(ErrorKind::config, "strategy.sandbox: it does not hold: a worker could " + join(output, ", "),
                "Python strategies are not run on this machine as it is");
}

}  // namespace am::strategy
