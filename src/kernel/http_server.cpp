// Listening, handing connections to the workers, ending.

#include "am/kernel/http_server.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "http_connection.hpp"

namespace am::kernel {

namespace {

using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

constexpr int kSparedFiles = 64;     // for the database, the log and what else is open
constexpr int kRefusedAtOnce = 256;  // connections over the cap that still get an answer
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kLastAnswers{500};  // to send the 503 of those that wait no longer
constexpr int kSendBuffer = 131072;

Error cannot_listen(const std::string& where, int error) {
  const bool in_use = error == EADDRINUSE;
  const std::string hint =
      in_use            ? "another process listens there: stop it, or choose another port with --listen"
      : error == EACCES ? "ports below 1024 and other users' directories need a privilege"
                        : "check the address given by --listen or PORT";
  return {ErrorKind::config, "--listen " + where + ": " + std::strerror(error),
          hint};  // NOLINT(concurrency-mt-unsafe)
}

Error no_socket(const std::string& where, mode_t mode) {
  const std::string what = S_ISREG(mode)   ? "a file is there"
                           : S_ISDIR(mode) ? "a directory is there"
                           : S_ISLNK(mode) ? "a link is there"
                                           : "a device or pipe is there";
  return {ErrorKind::config, "--listen " + where + ": " + what + " (expected a socket or nothing)",
          "give the path of a socket to make, such as unix:/run/am/am.sock"};
}

std::string text_of(const ListenAddress& listen) {
  if (!listen.unix_path.empty()) return "unix:" + listen.unix_path;
  const bool v6 = listen.host.find(':') != std::string::npos;
  return (v6 ? "[" + listen.host + "]" : listen.host) + ":" + std::to_string(listen.port);
}

/// The client's address without its port; empty for a Unix socket.
std::string address_of(const Socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (peer.protocol().family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, peer.data(), std::min(sizeof v4, peer.size()));
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (peer.protocol().family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, peer.data(), std::min(sizeof v6, peer.size()));
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
  }
  return text;
}

/// As many connections as the limit on open files lets us have; the soft limit is raised to what is needed.
int affordable_connections(int wanted, Log& log) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const auto needed = static_cast<rlim_t>(wanted) + kRefusedAtOnce + kSparedFiles;
  if (files.rlim_cur < needed) {
    files.rlim_cur = std::min(needed, files.rlim_max);
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur >= needed) return wanted;
  const int most = std::max(1, static_cast<int>(files.rlim_cur) - kRefusedAtOnce - kSparedFiles);
  log.warn("fewer connections than configured: the limit on open files is low",
           {{"max_connections", most}, {"open_files", static_cast<std::int64_t>(files.rlim_cur)}});
  return most;
}

}  // namespace

struct HttpServer::Impl {
  HttpServerShared shared;
  std::vector<std::unique_ptr<HttpWorker>> workers;
  std::optional<Acceptor> acceptor;
  std::optional<asio::steady_timer> timer;
  ListenAddress bound;
  std::size_t next = 0;

  Impl(HttpServerOptions options, ServerHandler handler, ErrorPage error_page, Log& log)
      : shared(std::move(options), std::move(handler), std::move(error_page), log) {
    HttpServerOptions& o = shared.options;
    if (o.workers <= 0) o.workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    o.max_connections = affordable_connections(o.max_connections, log);
    o.max_connections_per_address = std::min(o.max_connections_per_address, o.max_connections);
    for (int i = 0; i < o.workers; ++i) workers.push_back(std::make_unique<HttpWorker>(shared));
    timer.emplace(workers[0]->context);
    bound = o.listen;
    if (bound.unix_path.empty()) {
      listen_tcp();
    } else {
      listen_unix();
    }
  }

  ~Impl() {
    if (!bound.unix_path.empty()) ::unlink(bound.unix_path.c_str());
  }

  void listen_on(const Protocol::endpoint& endpoint, const std::string& where) {
    boost::system::error_code error;
    acceptor.emplace(workers[0]->context);
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error && endpoint.protocol().family() == AF_INET6 && bound.host.empty())
      acceptor->set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) throw cannot_listen(where, error.value());
  }

  void listen_tcp() {
    namespace ip = asio::ip;
    const std::string where = text_of(bound);
    if (bound.host.empty()) {
      try {
        listen_on(ip::tcp::endpoint(ip::tcp::v6(), bound.port), where);
      } catch (const Error&) {  // a machine without IPv6
        listen_on(ip::tcp::endpoint(ip::tcp::v4(), bound.port), where);
      }
    } else {
      listen_on(ip::tcp::endpoint(ip::make_address(bound.host), bound.port), where);
    }
    const auto local = acceptor->local_endpoint();
    sockaddr_in6 address{};
    std::memcpy(&address, local.data(), std::min(sizeof address, local.size()));
    bound.port = ntohs(address.sin6_port);  // at the same place in sockaddr_in
  }

  /// A socket that a killed server left behind is replaced; anything else in its place is not touched.
  void listen_unix() {
    const std::string where = text_of(bound);
    const asio::local::stream_protocol::endpoint endpoint(bound.unix_path);
    struct stat info{};
    if (lstat(bound.unix_path.c_str(), &info) == 0) {
      const std::string path = std::exchange(bound.unix_path, {});  // not ours to remove, so far
      if (!S_ISSOCK(info.st_mode)) throw no_socket(where, info.st_mode);
      boost::system::error_code error;
      asio::local::stream_protocol::socket probe(workers[0]->context);
      probe.connect(endpoint, error);
      const bool listens = !error || error == asio::error::try_again;  // or would, were its queue not full
      if (listens || error != asio::error::connection_refused)
        throw cannot_listen(where, listens ? EADDRINUSE : error.value());
      bound.unix_path = path;
      ::unlink(path.c_str());
    }
    try {
      listen_on(endpoint, where);
    } catch (const Error&) {
      bound.unix_path.clear();
      throw;
    }
  }

  HttpWorker& next_worker() {
    HttpWorker& worker = *workers[next];
    next = (next + 1) % workers.size();
    return worker;
  }

  void accept() {
    HttpWorker& worker = next_worker();
    acceptor->async_accept(worker.context, [this, &worker](boost::system::error_code error, Socket socket) {
      if (!error) hand_over(worker, std::move(socket));
      if (!acceptor->is_open()) return;
      error ? pause() : accept();
    });
  }

  /// Closing the listener resets every connection that waits in its queue, with the request that it may have sent: so
  /// they are taken first.
  void stop_accepting() {
    boost::system::error_code error;
    acceptor->non_blocking(true, error);
    for (int left = asio::socket_base::max_listen_connections; left > 0 && acceptor->is_open(); --left) {
      HttpWorker& worker = next_worker();
      Socket socket(worker.context);
      acceptor->accept(socket, error);
      if (error == asio::error::connection_aborted) continue;  // that client went away
      if (error) break;
      hand_over(worker, std::move(socket));
    }
    acceptor->close(error);
  }

  /// Out of files or memory: nothing is gained by trying at once.
  void pause() {
    timer->expires_after(kAcceptPause);
    timer->async_wait([this](boost::system::error_code error) {
      if (!error) accept();
    });
  }

  void hand_over(HttpWorker& worker, Socket socket) {
    shared.accepted.fetch_add(1);
    std::string address = address_of(socket);
    if (bound.unix_path.empty()) {
      const int on = 1;
      (void)setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    // Else the kernel lets a client that never reads have 4 MB of its memory.
    (void)setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    const int of_address = address.empty() ? 0 : shared.addresses.add(address);
    const int open = shared.open.fetch_add(1) + 1;
    int refuse = 0;
    if (of_address > shared.options.max_connections_per_address) refuse = 429;
    if (open > shared.options.max_connections) refuse = 503;
    if (refuse != 0) shared.refused.fetch_add(1);
    if (open > shared.options.max_connections + kRefusedAtOnce) {
      if (!address.empty()) shared.addresses.remove(address);
      shared.open.fetch_sub(1);
      return;  // closes it
    }
    asio::dispatch(worker.context,
                   [&worker, socket = std::move(socket), address = std::move(address), refuse]() mutable {
                     worker.take(std::move(socket), std::move(address), refuse);
                   });
  }

  /// On the first worker's thread: looks for the request to end, then waits for what runs.
  void watch(const Stop& stop, const std::function<void()>& on_stop, SteadyTime give_up) {
    auto& watch_timer = *stop_timer;
    watch_timer.expires_after(std::chrono::milliseconds(50));
    watch_timer.async_wait([this, &stop, &on_stop, give_up](boost::system::error_code) mutable {
      const SteadyTime now = std::chrono::steady_clock::now();
      if (!shared.stopping && stop.requested()) {
        shared.stopping = true;
        if (on_stop) on_stop();
        give_up = now + shared.options.stop_timeout;
        stop_accepting();
        for (const auto& worker : workers)
          asio::post(worker->context, [&worker = *worker] { worker.stop_idle(); });
      } else if (shared.stopping && shared.open > 0 && now >= give_up && !gave_up) {
        gave_up = true;
        give_up = now + kLastAnswers;
        for (const auto& worker : workers)
          asio::post(worker->context, [&worker = *worker] { worker.stop_handling(); });
      } else if (shared.stopping && (shared.open == 0 || now >= give_up)) {
        for (const auto& worker : workers) {
          asio::post(worker->context, [&worker = *worker] {
            worker.close_all();
            worker.context.stop();
          });
        }
        return;
      }
      watch(stop, on_stop, give_up);
    });
  }

  std::optional<asio::steady_timer> stop_timer;
  bool gave_up = false;  ///< what waits for a handler was answered 503
};

HttpServer::HttpServer(HttpServerOptions options, ServerHandler handler, ErrorPage error_page, Log& log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler), std::move(error_page), log)) {}

HttpServer::~HttpServer() = default;

std::string HttpServer::address() const {
  const ListenAddress& bound = impl_->bound;
  if (!bound.unix_path.empty()) return text_of(bound);
  ListenAddress shown = bound;
  if (shown.host.empty()) shown.host = "0.0.0.0";
  return "http://" + text_of(shown);
}

void HttpServer::run(const Stop& stop, const std::function<void()>& on_stop) {
  for (const auto& worker : impl_->workers) worker->start();
  impl_->accept();
  impl_->stop_timer.emplace(impl_->workers[0]->context);
  impl_->watch(stop, on_stop, {});
  std::vector<std::jthread> threads;
  try {
    for (std::size_t i = 1; i < impl_->workers.size(); ++i)
      threads.emplace_back([&worker = *impl_->workers[i]] { worker.context.run(); });
  } catch (...) {  // no thread was to be had: those that run must end, too
    for (const auto& worker : impl_->workers) worker->context.stop();
    throw;
  }
  impl_->workers[0]->context.run();
}

ServerStats HttpServer::stats() const {
  ServerStats stats;
  for (const auto& worker : impl_->workers) worker->add_to(stats);
  stats.connections = impl_->shared.accepted;
  stats.refused = impl_->shared.refused;
  stats.open = static_cast<std::uint64_t>(std::max(0, impl_->shared.open.load()));
  return stats;
}

}  // namespace am::kernel
