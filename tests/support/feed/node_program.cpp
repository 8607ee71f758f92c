#include "support/feed/node_program.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace am::test {

namespace {

using std::chrono::steady_clock;

std::array<int, 2> pipe_ends() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  return ends;
}

/// in, out: -1: as here.
pid_t spawn(std::vector<std::string> words, int in, int out) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(words[0] + ": " + std::strerror(error));
  return pid;
}

}  // namespace

std::string NodeProgram::packages(const std::string& directory) {
  static std::set<std::string> done;  // once a process is enough
  const std::string source = AM_SOURCE_DIR "/tests/" + directory;
  const std::string to = AM_BINARY_DIR "/node/" + directory;
  if (!done.contains(directory)) {
    const pid_t pid = spawn({AM_SOURCE_DIR "/tests/support/feed/install", to, source}, -1, STDERR_FILENO);
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0) throw std::runtime_error("no packages for " + directory + ": see above");
    done.insert(directory);
  }
  return to;
}

NodeProgram::NodeProgram(const std::string& directory, const std::string& script, const std::string& variable,
                         const std::vector<std::string>& options) {
  std::vector<std::string> words = {"env", variable + "=" + packages(directory), "node",
                                    AM_SOURCE_DIR "/tests/" + directory + "/" + script};
  words.insert(words.end(), options.begin(), options.end());
  const auto in = pipe_ends();
  const auto out = pipe_ends();
  in_ = in[1];
  out_ = out[0];
  pid_ = spawn(words, in[0], out[1]);
  close(in[0]);
  close(out[1]);
  try {
    read_ready();
  } catch (...) {
    end();
    throw;
  }
}

void NodeProgram::read_ready() {
  const auto end = steady_clock::now() + std::chrono::seconds(20);
  while (ready_.find('\n') == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
    pollfd waiting{out_, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0)
      throw std::runtime_error("a program of Node.js was not ready in 20 s");
    std::array<char, 4096> bytes{};
    const ssize_t count = read(out_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("a program of Node.js ended at its start: see above");
    ready_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  ready_.erase(ready_.find('\n'));
}

void NodeProgram::end() {
  for (int* fd : {&in_, &out_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

NodeProgram::~NodeProgram() { end(); }

}  // namespace am::test
