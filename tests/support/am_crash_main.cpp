// `am` as it is, but with AM_CRASH_AT=n it kills itself at its n-th call to the database or a vendor, without any
// tidying up. Without it, it tells at the end how many such calls there were: "crash points: 123".

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

#include "am/cli/app.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

int main(int argc, char** argv) {
  am::kernel::Stop stop;
  am::kernel::Stop::install(stop);
  am::cli::Environment environment{{}, std::cin, std::cout, std::cerr, isatty(1) == 1, isatty(2) == 1, stop};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) environment.env[text.substr(0, equals)] = text.substr(equals + 1);
  }
  const auto given = environment.env.find("AM_CRASH_AT");
  const int at = given == environment.env.end() ? 0 : std::atoi(given->second.c_str());
  std::atomic<int> calls{0};  // mostly one at a time; an engine's threads have a connection each
  environment.probe = [&](std::string_view) {
    if (++calls == at) raise(SIGKILL);
  };
  const int code = am::cli::run_app({argv + 1, argv + argc}, environment);
  if (at == 0) std::cerr << "crash points: " << calls << "\n";
  return code;
}
