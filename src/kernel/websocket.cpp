// Boost.Beast and OpenSSL behind websocket.hpp. Everything is asynchronous and driven by whoever waits, in slices, so that a
// request to end is seen; what is under way when a link is dropped is destroyed with it, and never called.

#include "am/kernel/websocket.hpp"

#include <cstring>
#include <functional>
#include <memory>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <netdb.h>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "wait.hpp"
#include "websocket_url.hpp"

namespace am::kernel {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using SocketDeadline = steady_clock::time_point;

template <class Stream>
using WebSocketStream = websocket::stream<Stream, false>;  ///< without compression

constexpr milliseconds kSlice{50};  // how long a request to end may be unseen
constexpr milliseconds kGoodbye{300};

std::vector<tcp::endpoint> look_up(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<tcp::endpoint> found;
  if (getaddrinfo(host.c_str(), port.c_str(), &wanted, &list) != 0) return found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    tcp::endpoint endpoint;
    if (each->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
    endpoint.resize(each->ai_addrlen);
    found.push_back(endpoint);
  }
  freeaddrinfo(list);
  return found;
}

/// Errors:  as Stop::check; unavailable: there is no such host, or nobody says so in time.
std::vector<tcp::endpoint> addresses_of(const WebSocketUrl& url, SocketDeadline end, const Stop& stop) {
  error_code problem;
  const auto address = asio::ip::make_address(url.host, problem);
  if (!problem) return {tcp::endpoint(address, static_cast<unsigned short>(std::stoi(url.port)))};
  const auto found = std::make_shared<std::vector<tcp::endpoint>>();
  const Wait wait(&stop, end);
  const Error missing(ErrorKind::unavailable, url.host_and_port() + ": host name not found",
                      "check the network and the vendor's stream URL");
  if (!run_apart([found, host = url.host, port = url.port] { *found = look_up(host, port); }, wait))
    wait.give_up(missing);
  if (found->empty()) throw Error(missing);
  return *found;
}

}  // namespace

/// An open connection, plain or with TLS.
struct WebSocket::Link {
  Link() = default;
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual void send(std::string_view text) = 0;
  virtual std::optional<std::string> receive(milliseconds longest) = 0;
};

namespace {

template <class Stream>
class BeastLink final : public WebSocket::Link {
 public:
  static constexpr bool kSecure = !std::is_same_v<Stream, beast::tcp_stream>;

  BeastLink(const WebSocketOptions& options, WebSocketUrl url, const Stop& stop)
      : options_(options), url_(std::move(url)), stop_(stop), stream_(make_stream()) {
    connect(steady_clock::now() + options_.connect_timeout);
  }
  ~BeastLink() override {
    if (!open_) return;
    bool gone = false;
    stream_.async_close(websocket::close_code::going_away, [&gone](error_code) { gone = true; });
    try {
      context_.restart();
      for (const auto end = steady_clock::now() + kGoodbye; !gone && steady_clock::now() < end;)
        context_.run_one_until(end);
    } catch (...) {  // NOLINT(bugprone-empty-catch): it goes either way
    }
  }

  void send(std::string_view text) override;
  std::optional<std::string> receive(milliseconds longest) override;

 private:
  WebSocketStream<Stream> make_stream();
  void connect(SocketDeadline end);
  void open(SocketDeadline end);
  /// Drives what is under way until `done`, or the time is over. Errors: as Stop::check.
  bool drive(const bool& done, SocketDeadline end);
  /// One operation. Errors: as Stop::check; unavailable: `late`.
  error_code await(SocketDeadline end, const std::string& late,
                   const std::function<void(std::function<void(error_code)>)>& begin);
  Error lost(const std::string& problem, const std::string& hint = {}) const {
    return {ErrorKind::unavailable, url_.host_and_port() + ": " + problem, hint};
  }
  Error broken(error_code problem) const;

  const WebSocketOptions options_;
  const WebSocketUrl url_;
  const Stop& stop_;
  asio::io_context context_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  // What operations refer to outlives the stream.
  beast::flat_buffer buffer_;
  websocket::response_type answer_;
  WebSocketStream<Stream> stream_;
  bool open_ = false;
  bool reading_ = false;
  bool has_read_ = false;
  error_code read_problem_;
};

template <class Stream>
WebSocketStream<Stream> BeastLink<Stream>::make_stream() {
  if constexpr (kSecure) {
    error_code problem;
    if (options_.ca_file.empty())
      tls_.set_default_verify_paths(problem);
    else
      tls_.load_verify_file(options_.ca_file, problem);
    if (problem)
      throw Error(ErrorKind::config, url_.host_and_port() + ": no usable CA certificates",
                  "apt-get install ca-certificates");
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    tls_.set_verify_mode(asio::ssl::verify_peer);
    tls_.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    return WebSocketStream<Stream>(context_, tls_);
  } else {
    return WebSocketStream<Stream>(context_);
  }
}

template <class Stream>
bool BeastLink<Stream>::drive(const bool& done, SocketDeadline end) {
  context_.restart();
  while (!done) {
    stop_.check();
    const auto now = steady_clock::now();
    if (now >= end) return false;
    context_.run_one_until(std::min(end, now + kSlice));
    if (context_.stopped()) context_.restart();
  }
  return true;
}

template <class Stream>
error_code BeastLink<Stream>::await(SocketDeadline end, const std::string& late,
                                    const std::function<void(std::function<void(error_code)>)>& begin) {
  // The handler may be left behind by an error: it must not write into a frame that is gone.
  struct State {
    bool done = false;
    error_code problem;
  };
  const auto state = std::make_shared<State>();
  begin([state](error_code problem) {
    state->problem = problem;
    state->done = true;
  });
  if (!drive(state->done, end)) throw lost(late);
  return state->problem;
}

template <class Stream>
Error BeastLink<Stream>::broken(error_code problem) const {
  if (problem == websocket::error::closed) {
    const auto& reason = stream_.reason();
    return lost("closed by the server (" + std::to_string(reason.code) +
                (reason.reason.empty() ? "" : ": " + one_line({reason.reason.data(), reason.reason.size()})) +
                ")");
  }
  if (problem == websocket::error::message_too_big || problem == websocket::error::buffer_overflow)
    return {ErrorKind::data, url_.host_and_port() + ": a message is too long (expected at most " +
                                 std::to_string(options_.max_message) + " bytes)"};
  if (problem == beast::error::timeout)
    return lost("nothing heard within " + seconds_text(options_.idle_timeout));
  return lost("connection lost: " + to_lower(problem.message()));
}

template <class Stream>
void BeastLink<Stream>::connect(SocketDeadline end) {
  const std::string late = "no connection within " + seconds_text(options_.connect_timeout);
  const std::vector<tcp::endpoint> addresses = addresses_of(url_, end, stop_);
  auto& socket = beast::get_lowest_layer(stream_);
  socket.expires_never();
  error_code problem = await(end, late, [&](auto done) {
    socket.async_connect(addresses, [done](error_code code, const tcp::endpoint&) { done(code); });
  });
  if (problem) throw lost(to_lower(problem.message()));
  socket.socket().set_option(tcp::no_delay(true), problem);
  if constexpr (kSecure) {
    auto& tls = stream_.next_layer();
    asio::ip::make_address(url_.host, problem);
    if (problem) SSL_set_tlsext_host_name(tls.native_handle(), url_.host.c_str());  // an address has no name
    problem = await(end, late, [&](auto done) { tls.async_handshake(asio::ssl::stream_base::client, done); });
    if (problem && SSL_get_verify_result(tls.native_handle()) != X509_V_OK)
      throw lost("the certificate was not accepted",
                 "apt-get install ca-certificates; or check the machine's clock");
    if (problem) throw lost("TLS handshake failed");
  }
  open(end);
}

template <class Stream>
void BeastLink<Stream>::open(SocketDeadline end) {
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = options_.connect_timeout,
                                                     .idle_timeout = options_.idle_timeout,
                                                     .keep_alive_pings = true});
  stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    request.set(beast::http::field::user_agent, options_.user_agent);
    for (const auto& [name, value] : options_.headers) request.set(name, value);
  }));
  stream_.read_message_max(options_.max_message);
  stream_.text(true);
  const bool has_default_port = url_.port == (url_.secure ? "443" : "80");
  const std::string host_and_port = url_.host_and_port();
  const std::string host =
      has_default_port ? host_and_port.substr(0, host_and_port.rfind(':')) : host_and_port;
  const error_code problem =
      await(end, "no connection within " + seconds_text(options_.connect_timeout),
            [&](auto done) { stream_.async_handshake(answer_, host, url_.target, done); });
  if (problem == websocket::error::upgrade_declined) {
    const auto status = answer_.result_int();
    throw Error(status == 401 || status == 403 ? ErrorKind::denied : ErrorKind::unavailable,
                host_and_port + ": answered " + std::to_string(status) + " (expected 101)");
  }
  if (problem) throw lost("no WebSocket: " + to_lower(problem.message()));
  open_ = true;
}

template <class Stream>
void BeastLink<Stream>::send(std::string_view text) {
  // Kept by the handler: what is being written may outlast this call.
  const auto kept = std::make_shared<std::string>(text);
  const std::string late = "a message was not taken within " + seconds_text(options_.write_timeout);
  try {
    const error_code problem = await(steady_clock::now() + options_.write_timeout, late, [&](auto done) {
      stream_.async_write(asio::buffer(*kept), [kept, done](error_code code, std::size_t) { done(code); });
    });
    if (problem) throw broken(problem);
  } catch (...) {
    open_ = false;
    throw;
  }
}

template <class Stream>
std::optional<std::string> BeastLink<Stream>::receive(milliseconds longest) {
  if (!reading_) {
    reading_ = true;
    has_read_ = false;
    stream_.async_read(buffer_, [this](error_code problem, std::size_t) {
      read_problem_ = problem;
      has_read_ = true;
    });
  }
  if (!drive(has_read_, steady_clock::now() + longest)) return std::nullopt;
  reading_ = false;
  if (read_problem_) {
    open_ = false;
    throw broken(read_problem_);
  }
  std::string message = beast::buffers_to_string(buffer_.data());
  buffer_.consume(buffer_.size());
  return message;
}

}  // namespace

WebSocket::WebSocket(const WebSocketOptions& options, const Stop& stop) {
  WebSocketUrl url = parse_websocket_url(options.url);
  if (url.secure)
    link_ = std::make_unique<BeastLink<beast::ssl_stream<beast::tcp_stream>>>(options, std::move(url), stop);
  else
    link_ = std::make_unique<BeastLink<beast::tcp_stream>>(options, std::move(url), stop);
}

WebSocket::~WebSocket() = default;

void WebSocket::send(std::string_view text) { link_->send(text); }

std::optional<std::string> WebSocket::receive(milliseconds longest) { return link_->receive(longest); }

}  // namespace am::kernel
