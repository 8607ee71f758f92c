#include "support/pgbouncer.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/pg.hpp"

namespace am::test {

namespace {

std::string find_program() {
  for (const char* path : {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"}) {
    if (access(path, X_OK) == 0) return path;
  }
  throw std::runtime_error("no pgbouncer for the tests: run scripts/setup test");
}

std::string socket_directory(kernel::Db& db) {
  const std::string all = value_of(db, "SHOW unix_socket_directories");
  return all.substr(0, all.find(','));
}

/// Somebody listens there; the file alone comes a moment earlier.
bool answers(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

}  // namespace

PgBouncer::PgBouncer(int pool_size, const std::string& database, const std::string& mode) {
  const auto cluster = kernel::open_db({.url = cluster_url(), .application_name = "am test", .probe = {}});
  const std::string sockets = socket_directory(*cluster);
  struct stat owner{};
  if (stat((sockets + "/.s.PGSQL." + value_of(*cluster, "SHOW port")).c_str(), &owner) != 0) {
    throw std::runtime_error("the PgBouncer tests need the cluster's Unix socket: " + sockets);
  }
  char path[] = "/tmp/am-bouncer.XXXXXX";
  directory_ = mkdtemp(path);
  const std::string config = directory_ + "/pgbouncer.ini";
  std::ofstream(directory_ + "/users") << "\"anyone\" \"\"\n";
  std::ofstream(config) << "[databases]\n"
                        << database << " = host=" << sockets << " port=" << value_of(*cluster, "SHOW port")
                        << " user=" << value_of(*cluster, "SELECT current_user")
                        << "\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n"
                        << "unix_socket_dir = " << directory_
                        << "\nauth_type = trust\nauth_file = " << directory_ << "/users\npool_mode = " << mode
                        << "\ndefault_pool_size = " << pool_size
                        << "\nmax_client_conn = 100\nlogfile = " << directory_
                        << "/log\nserver_check_delay = 0\n";
  if (geteuid() == 0) {
    if (chown(path, owner.st_uid, owner.st_gid) != 0) throw std::runtime_error("chown failed");
  }
  start(find_program(), config, owner.st_uid, owner.st_gid);
}

void PgBouncer::start(const std::string& program, const std::string& config, uid_t user, gid_t group) {
  pid_ = fork();
  if (pid_ == 0) {
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, 0);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) _exit(126);
    execl(program.c_str(), program.c_str(), "-q", config.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  const std::string socket = directory_ + "/.s.PGSQL.6432";
  for (int i = 0; i < 500; ++i) {
    if (answers(socket)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::ifstream log(directory_ + "/log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  stop();
  throw std::runtime_error("pgbouncer did not come up: " + text);
}

void PgBouncer::stop() {
  if (pid_ > 0) {
    kill(pid_, SIGINT);
    for (int i = 0; i < 200 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (kill(pid_, 0) == 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  pid_ = -1;
  std::filesystem::remove_all(directory_);
}

PgBouncer::~PgBouncer() { stop(); }

std::string PgBouncer::url(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + directory_ + "&port=6432&user=anyone";
}

}  // namespace am::test
