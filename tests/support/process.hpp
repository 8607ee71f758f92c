#pragma once
// Runs a program as a shell or a scheduler would: environment, directory, signals, pipes and files as they really are.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace am::test {

struct ProcessOptions {
  std::map<std::string, std::string> env;  ///< all of it
  std::string stdout_to{};                 ///< a file instead of a pipe: "/dev/full"
  std::string stderr_to{};                 ///< the same for stderr
  std::string stdin_from = "/dev/null";
  std::string directory{};
  bool remove_directory = false;  ///< before the program starts: it stands in a directory that is gone
  bool reader_gone = false;       ///< stdout is a pipe whose reader is gone already
  bool close_stdout = false;      ///< there is no stdout at all (`>&-`)
};

struct Finished {
  int exit = -1;  ///< -1: a signal ended it
  int signal = 0;
  std::string out;
  std::string err;
};

class Process {
 public:
  /// Starts it in a session of its own, without a terminal. Errors: std::runtime_error.
  Process(const std::vector<std::string>& argv, const ProcessOptions& options);
  ~Process();  ///< kills it when it is still there
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Reads all that it writes and waits for its end; a failure of the test, and SIGKILL, after so long.
  Finished wait(std::chrono::seconds longest = std::chrono::seconds(120));

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

/// Runs it to its end.
Finished run_process(const std::vector<std::string>& argv, const ProcessOptions& options);

/// The built `am` with these arguments.
std::vector<std::string> am_command(const std::vector<std::string>& args);

}  // namespace am::test
