#include <unistd.h>

#include <iostream>

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
  return am::cli::run_app({argv + 1, argv + argc}, environment);
}
