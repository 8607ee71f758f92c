#include <atomic>
#include <cstdlib>
#include <istream>
#include <new>
#include <ostream>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "am/base/exit_code.hpp"
#include "am/cli/app.hpp"
#include "am/kernel/standard_streams.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

/// A standard stream that was closed would hand its number to the next connection, and our output with it.
/// Read-only, so that writing there fails.
static bool fill_closed_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return false;
  }
  return true;
}

/// A core dump would hold the secrets. Not setrlimit, whose system call our units forbid.
static void forbid_core_dumps() {
  const rlimit none{0, 0};
  prlimit(0, RLIMIT_CORE, &none, nullptr);
}

/// Told by these, the broker's library prints what it sends, passwords too. Before there is a second thread.
static void forbid_wire_traces() {
  for (const char* name : {"PN_LOG", "PN_TRACE_FRM", "PN_TRACE_RAW"}) unsetenv(name);
}

/// Takes the stack that commands need while there is memory: later, a stack that can't grow is a signal, and no message.
static void take_stack() {
  constexpr std::size_t kPage = 4096;
  volatile char
      stack[64 * kPage];  // NOLINT(modernize-avoid-c-arrays): nothing that the compiler may leave out
  for (std::size_t at = sizeof stack; at >= kPage; at -= kPage) stack[at - kPage] = 0;
}

static std::atomic<void*> spare_memory;

/// Keeps some memory for the way out: what unwinds allocates, too (a JSON value takes its parts in a list to end them), and
/// where that fails there is no message. Small enough that malloc gives it to others.
static void keep_spare_memory() {
  constexpr std::size_t kSpare = std::size_t{64} << 10U;
  spare_memory =
      std::malloc(kSpare);  // NOLINT(cppcoreguidelines-no-malloc): operator new would ask this handler
  std::set_new_handler([] {
    std::free(spare_memory.exchange(nullptr));  // NOLINT(cppcoreguidelines-no-malloc)
    throw std::bad_alloc();
  });
}

static int run(int argc, char** argv) {
  am::kernel::Stop stop;
  am::kernel::Stop::install(stop);
  am::kernel::InputBuffer in_buffer(0, stop);
  am::kernel::OutputBuffer out_buffer(1, stop);
  am::kernel::OutputBuffer err_buffer(2, stop);
  std::istream in(&in_buffer);
  in.exceptions(std::ios::badbit);
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  am::cli::Environment environment{{}, in, out, err, isatty(1) == 1, isatty(2) == 1, stop};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) environment.env[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return am::cli::run_app({argv + 1, argv + argc}, environment);
}

int main(int argc, char** argv) {
  forbid_core_dumps();
  forbid_wire_traces();
  take_stack();
  keep_spare_memory();
  if (!fill_closed_streams()) return static_cast<int>(am::ExitCode::failure);
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {  // not even enough to say so in the usual way
    constexpr std::string_view kLine = "am: not enough memory\n";
    [[maybe_unused]] const ssize_t written = write(2, kLine.data(), kLine.size());
    return static_cast<int>(am::ExitCode::unavailable);
  }
}
