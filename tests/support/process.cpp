#include "support/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace am::test {

namespace {

/// Ends of pipes must not leak into other children that start at the same time.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  return ends;
}

/// Only calls that are allowed between fork and exec.
[[noreturn]] void become(char* const* argv, char* const* env, const ProcessOptions& options, int out,
                         int err) {
  setsid();
  const int in = open(options.stdin_from.c_str(), O_RDONLY);
  if (in < 0 || dup2(in, 0) < 0) _exit(126);
  if (!options.stdout_to.empty()) out = open(options.stdout_to.c_str(), O_WRONLY);
  if (!options.stderr_to.empty()) err = open(options.stderr_to.c_str(), O_WRONLY);
  if (out < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  if (options.close_stdout) close(1);
  if (!options.directory.empty() && chdir(options.directory.c_str()) != 0) _exit(126);
  if (options.remove_directory && rmdir(options.directory.c_str()) != 0) _exit(126);
  execve(argv[0], argv, env);
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Process::Process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  std::vector<std::string> words = argv;
  std::vector<std::string> settings;
  for (const auto& [name, value] : options.env) settings.push_back(name + "=" + value);
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(settings);
  const auto out = make_pipe();
  const auto err = make_pipe();
  const auto broken = make_pipe();
  close(broken[0]);
  pid_ = fork();
  if (pid_ == 0)
    become(arguments.data(), environment.data(), options, options.reader_gone ? broken[1] : out[1], err[1]);
  close(broken[1]);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
  if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {out_, err_}) {
    if (fd >= 0) close(fd);
  }
}

void Process::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

Finished Process::wait(std::chrono::seconds longest) {
  Finished finished;
  const auto end = std::chrono::steady_clock::now() + longest;
  std::array<pollfd, 2> open{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  std::array<std::string*, 2> into{&finished.out, &finished.err};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      ADD_FAILURE() << "the process does not end";
      kill(pid_, SIGKILL);
      break;
    }
    if (poll(open.data(), open.size(), static_cast<int>(left.count())) < 0) continue;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t got = read(open[i].fd, buffer.data(), buffer.size());
      if (got > 0) {
        into[i]->append(buffer.data(), static_cast<std::size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        open[i].fd = -1;
      }
    }
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status)) finished.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  return finished;
}

Finished run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  return Process(argv, options).wait();
}

std::vector<std::string> am_command(const std::vector<std::string>& args) {
  std::vector<std::string> argv{AM_BINARY_DIR "/am"};
  argv.insert(argv.end(), args.begin(), args.end());
  return argv;
}

}  // namespace am::test
