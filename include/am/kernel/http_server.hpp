#pragma once
// An HTTP/1.1 server for short answers: keep-alive, pipelining, TCP or a Unix socket; requests without bodies, or with short
// ones where the options allow them. It knows
// connections, limits and deadlines; what a path means is the handler's business. No TLS: that is the reverse proxy's.
// Boost is named in src/kernel/http_server*.cpp only. Design: docs/architecture.md, "The server".
//
// One thread and one event loop per worker; a connection stays on the worker that it was given to. Deadlines are
// absolute: a client that drips a byte a second is closed as early as one that is silent.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// Where to listen.
struct ListenAddress {
  std::string host;        ///< an IP address; empty: every address, IPv6 and IPv4
  std::uint16_t port = 0;  ///< 0: a free one
  std::string unix_path;   ///< not empty: a Unix socket, and nothing of the above
};

/// "8080", "127.0.0.1:8080", "[::1]:8080", "unix:/run/am.sock".
/// Errors:  usage, naming the text and the forms.
ListenAddress parse_listen(std::string_view text);

struct HttpServerOptions {
  ListenAddress listen;
  int workers = 0;  ///< 0: one per core
  int max_connections = 4096;
  int max_connections_per_address = 2048;  ///< TCP only; more are answered 429 and closed
  std::size_t max_header_bytes = 8192;
  std::size_t max_target_bytes = 2048;
  std::size_t max_body_bytes = 0;  ///< 0: no request may have a body (413)
  std::chrono::milliseconds header_timeout{
      10000};  ///< from the first byte of a request (or the accept) to its end, its body included
  std::chrono::milliseconds answer_timeout{0};     ///< for the handler: then 503; 0: none
  std::chrono::milliseconds write_timeout{10000};  ///< for one whole answer
  std::chrono::milliseconds idle_timeout{60000};   ///< between two requests
  std::chrono::milliseconds stop_timeout{10000};   ///< for what runs when it is asked to end
};

/// One request within the limits. The views are valid as long as its responder lives and has not sent.
struct ServerRequest {
  std::string_view method;  ///< as sent
  std::string_view
      target;  ///< path and query, without the host that it may have been sent with; "*" for OPTIONS
  std::string_view if_none_match;
  std::string_view accept_encoding;
  std::string_view accept;
  std::string_view origin;
  std::string_view content_type;
  std::string_view authorization;  ///< a secret: never in a log, a message or an answer
  std::string_view body;           ///< empty: none; always so where max_body_bytes is 0
  std::string_view id;  ///< the client's X-Request-Id if it is 1 to 64 of [A-Za-z0-9._-], else a new one
};

/// An answer. The server adds the status line, Date, X-Request-Id, Connection and Content-Length.
struct ServerReply {
  int status = 200;
  std::shared_ptr<const std::string> headers;  ///< whole lines, "Name: value\r\n"; may be null
  std::string extra_headers;                   ///< more of them, of this answer alone
  std::shared_ptr<const std::string> body;     ///< null: empty. Not sent for HEAD (its length is) and 304
  std::string_view route;                      ///< static text, for the counts: "/batches/{id}"
};

class HttpConnection;

/// The one chance to answer a request. Threads: may be moved to any; send() may be called on any, once.
/// Destroyed without send(): the client gets 500. After answer_timeout, or the end of the server, send() does nothing.
class Responder {
 public:
  explicit Responder(std::shared_ptr<HttpConnection> connection) : connection_(std::move(connection)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept = default;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();
  void send(ServerReply reply);

 private:
  std::shared_ptr<HttpConnection> connection_;
};

/// Called on a worker's thread: it must not block. Errors that it throws become 500.
using ServerHandler = std::function<void(const ServerRequest& request, Responder responder)>;

/// The body and headers of an error that the server itself answers (400, 408, 413, 414, 429, 431, 500, 503, 505).
using ErrorPage = std::function<ServerReply(int status, std::string_view message)>;

/// What was served since the start.
struct ServerStats {
  std::map<std::pair<std::string, int>, std::uint64_t> requests;  ///< by route and status
  std::vector<std::pair<double, std::uint64_t>> durations;        ///< bucket bound in seconds, count up to it
  double duration_sum_s = 0;
  std::uint64_t duration_count = 0;
  std::uint64_t bytes = 0;
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t refused = 0;      ///< over a cap
  std::uint64_t timed_out = 0;    ///< closed by a deadline
  std::uint64_t open = 0;         ///< now
};

class HttpServer {
 public:
  /// Binds and listens; nothing is served before run().
  /// Errors:  config: the address can't be used (in use, not ours, no permission, a path where something else
  ///          than a socket is), with a hint.
  HttpServer(HttpServerOptions options, ServerHandler handler, ErrorPage error_page, Log& log);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// "http://127.0.0.1:8080" or "unix:/run/am.sock", with the port that was taken.
  std::string address() const;
  /// Serves until `stop` is requested and every request that had been sent by then is answered, those that were waiting to
  /// be accepted, too. What a handler has not answered after stop_timeout is answered 503. `on_stop` is called once, when it
  /// begins to end.
  void run(const Stop& stop, const std::function<void()>& on_stop = {});
  ServerStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Tells the service manager ("READY=1", "STOPPING=1") when $NOTIFY_SOCKET names one (sd_notify's datagram).
/// Errors:  none: a manager that does not listen changes nothing.
void notify_manager(const std::string& notify_socket, std::string_view state);

}  // namespace am::kernel
