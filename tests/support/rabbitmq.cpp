#include "support/rabbitmq.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace am::test {

namespace {

constexpr auto kStarting = std::chrono::seconds(120);  // 6 s on an idle machine
constexpr auto kAnswering = std::chrono::seconds(30);

std::string find_server() {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/rabbitmq/lib", none)) {
    const std::filesystem::path program = entry.path() / "sbin" / "rabbitmq-server";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  throw std::runtime_error("no RabbitMQ for the tests: run scripts/setup test");
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

/// Ends with this process. Errors: std::runtime_error.
pid_t spawn(std::vector<std::string> argv, const std::map<std::string, std::string>& env, int input,
            const std::string& output) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : env) settings.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  const std::vector<char*> arguments = pointers(argv), environment = pointers(settings);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (dup2(input, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
  execve(arguments[0], arguments.data(), environment.data());
  _exit(127);
}

void end(pid_t& pid) {
  if (pid <= 0) return;
  ::kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool within(std::chrono::seconds longest, const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

RabbitMq& RabbitMq::shared() {
  static RabbitMq only;
  return only;
}

RabbitMq::RabbitMq()
    : owner_(getpid()),
      port_(free_port()),
      tls_port_(free_port()),
      epmd_port_(free_port()),
      node_port_(free_port()) {
  char path[] = "/tmp/am-rabbit.XXXXXX";
  directory_ = mkdtemp(path);
  std::ofstream(directory_ + "/rabbitmq.conf")
      << "listeners.tcp.1 = 127.0.0.1:" << port_ << "\nloopback_users = none\nlog.file.level = warning\n"
      << "disk_free_limit.absolute = 1MB\n"
      << "listeners.ssl.1 = 127.0.0.1:" << tls_port_ << "\nssl_options.certfile = " << authority()
      << "\nssl_options.keyfile = " << directory_ << "/key.pem\n";
  const std::string make_certificate =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
      directory_ + "/key.pem -out " + authority() + " 2>" + directory_ + "/openssl.out";
  if (std::system(make_certificate.c_str()) != 0)
    throw std::runtime_error("no certificate: " + text_of(directory_ + "/openssl.out"));
  const bool is_built_in = find_server().find("rabbitmq_server-3.") == std::string::npos;
  std::ofstream(directory_ + "/plugins") << (is_built_in ? "[]." : "[rabbitmq_amqp1_0].") << "\n";
  start();
}

RabbitMq::~RabbitMq() {
  if (getpid() != owner_) return;  // a fork that ends
  kill();
  end(epmd_);
  std::filesystem::remove_all(directory_);
}

void RabbitMq::start() {
  const std::string epmd_port = std::to_string(epmd_port_);
  const std::map<std::string, std::string> env{
      {"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
      {"LANG", "C.UTF-8"},
      {"HOME", directory_},
      {"ERL_EPMD_PORT", epmd_port},
      {"ERL_EPMD_ADDRESS", "127.0.0.1"},
      {"RABBITMQ_NODENAME", "am-" + epmd_port + "@localhost"},
      {"RABBITMQ_DIST_PORT", std::to_string(node_port_)},
      {"RABBITMQ_MNESIA_BASE", directory_ + "/data"},
      {"RABBITMQ_LOG_BASE", directory_ + "/log"},
      {"RABBITMQ_CONFIG_FILE", directory_ + "/rabbitmq.conf"},
      {"RABBITMQ_ADVANCED_CONFIG_FILE", directory_ + "/none.config"},
      {"RABBITMQ_CONF_ENV_FILE", "/dev/null"},
      {"RABBITMQ_ENABLED_PLUGINS_FILE", directory_ + "/plugins"},
      {"RABBITMQ_PID_FILE", directory_ + "/pid"},
      // Its shell stays at the pipe, by which it is asked things; and the script becomes the server.
      {"RABBITMQ_ALLOW_INPUT", "1"},
      {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
       "-setcookie am" + epmd_port +
           " -kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none"},
  };
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  if (epmd_ < 0)
    epmd_ = spawn({"/usr/bin/epmd", "-port", epmd_port, "-address", "127.0.0.1"}, env, pipe[0],
                  directory_ + "/epmd.out");
  within(kStarting, [&] { return listens(epmd_port_); });
  node_ = spawn({find_server()}, env, pipe[0], directory_ + "/out");
  close(pipe[0]);
  input_ = pipe[1];
  const bool up =
      within(kStarting, [&] { return listens(port_) || waitpid(node_, nullptr, WNOHANG) == node_; });
  if (!up || !listens(port_)) {
    const std::string said = text_of(directory_ + "/out");
    kill();
    end(epmd_);
    throw std::runtime_error("RabbitMQ did not come up: " + said);
  }
}

void RabbitMq::kill() {
  end(node_);
  if (input_ >= 0) close(std::exchange(input_, -1));
}

void RabbitMq::pause() { ::kill(node_, SIGSTOP); }
void RabbitMq::resume() { ::kill(node_, SIGCONT); }

std::string RabbitMq::new_queue() {
  static int count = 0;
  return "am-test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

std::string RabbitMq::url(const std::string& queue) const {
  return "amqp://guest:guest@127.0.0.1:" + std::to_string(port_) + "/" + queue;
}

std::string RabbitMq::tls_url(const std::string& host, const std::string& queue) const {
  return "amqps://guest:guest@" + host + ":" + std::to_string(tls_port_) + "/" + queue;
}

std::string RabbitMq::authority() const { return directory_ + "/certificate.pem"; }

void RabbitMq::delete_queue(const std::string& queue) {
  const std::string said =
      evaluate("rabbit_amqqueue:with(rabbit_misc:r(<<\"/\">>, queue, <<\"" + queue +
               "\">>), fun(Q) -> rabbit_amqqueue:delete(Q, false, false, <<\"test\">>) end)");
  if (said.find("{ok,") != 0) throw std::runtime_error("queue " + queue + " was not deleted: " + said);
}

std::string RabbitMq::evaluate(const std::string& expression) {
  const std::string answer = directory_ + "/answer-" + std::to_string(++asked_);
  const std::string line = "ok = file:write_file(\"" + answer + ".new\", io_lib:format(\"~0p\", [catch " +
                           expression + "])), file:rename(\"" + answer + ".new\", \"" + answer + "\").\n";
  if (write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the node's shell is closed");
  if (!within(kAnswering, [&] { return std::filesystem::exists(answer); }))
    throw std::runtime_error("the node does not answer: " + text_of(directory_ + "/out"));
  return text_of(answer);
}

}  // namespace am::test
