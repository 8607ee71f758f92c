#include <istream>
#include <ostream>

#include <fcntl.h>
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

int main(int argc, char** argv) {
  if (!fill_closed_streams()) return static_cast<int>(am::ExitCode::failure);
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
