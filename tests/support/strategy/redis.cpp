#include "support/strategy/redis.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace am::test {

namespace {

constexpr auto kComingUp = std::chrono::seconds(60);  // 20 ms on an idle machine

int free_loopback_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool listens_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

std::string program_path(const std::string& name) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/", "/usr/sbin/"})
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  return {};
}

std::string output_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<std::string> RedisServer::programs() {
  std::vector<std::string> found;
  for (const char* name : {"redis-server", "valkey-server"})
    if (!program_path(name).empty()) found.emplace_back(name);
  if (found.empty()) throw std::runtime_error("no Redis for the tests: run scripts/setup test");
  return found;
}

RedisServer::RedisServer(const std::string& program, std::vector<std::string> options, Port port)
    : program_(program_path(program)),
      options_(std::move(options)),
      owner_(getpid()),
      is_tls_(port == Port::tls),
      port_(free_loopback_port()) {
  char path[] = "/tmp/am-redis.XXXXXX";
  if (program_.empty() || mkdtemp(path) == nullptr) throw std::runtime_error("no " + program);
  directory_ = path;
  start();
}

RedisServer::~RedisServer() {
  if (getpid() != owner_) return;  // a fork that ends
  kill();
  std::filesystem::remove_all(directory_);
}

void RedisServer::start() {
  std::vector<std::string> argv{
      program_, "--port", std::to_string(port_), "--bind", "127.0.0.1", "--unixsocket", socket(),
      "--save", "",       "--appendonly",        "no",     "--dir",     directory_,     "--protected-mode",
      "no"};
  if (is_tls_) {
    argv[2] = "0";
    argv.insert(argv.end(), {"--tls-port", std::to_string(port_)});
  }
  argv.insert(argv.end(), options_.begin(), options_.end());
  std::vector<char*> arguments;
  for (std::string& each : argv) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  const std::string output = directory_ + "/out";
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    const int in = open("/dev/null", O_RDONLY),
              out = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + kComingUp;
  while (!listens_at(socket())) {
    const bool is_over = waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (is_over) pid_ = -1;
    if (is_over || std::chrono::steady_clock::now() > end) {
      kill();
      throw std::runtime_error(program_ + " did not come up: " + output_in(output));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void RedisServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause() { ::kill(pid_, SIGSTOP); }
void RedisServer::resume() { ::kill(pid_, SIGCONT); }

std::string RedisServer::url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
std::string RedisServer::socket_url() const { return "unix://" + socket(); }

}  // namespace am::test
