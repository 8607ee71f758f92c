#include <iostream>

#include <fcntl.h>
#include <unistd.h>

#include "am/base/exit_code.hpp"
#include "am/cli/app.hpp"

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
  am::cli::Environment environment{{}, std::cin, std::cout, std::cerr, isatty(1) == 1, isatty(2) == 1, stop};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) environment.env[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return am::cli::run_app({argv + 1, argv + argc}, environment);
}
