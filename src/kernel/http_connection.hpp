#pragma once
// One connection of the server and the worker that owns it. Everything here happens on that worker's thread, except
// answer(). Private to http_server*.cpp.

#include <array>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <unordered_map>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "am/kernel/http_server.hpp"
#include "http_request.hpp"

namespace am::kernel {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Socket = asio::generic::stream_protocol::socket;

/// Upper bounds of the duration histogram, in microseconds.
inline constexpr std::array<int, 10> kDurationBounds = {100,   500,    1000,   5000,    10000,
                                                        50000, 100000, 500000, 1000000, 5000000};

/// Connections per address, over all workers.
class AddressCounts {
 public:
  /// How many the address has, this one included.
  int add(const std::string& address);
  void remove(const std::string& address);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, int> counts_;
};

/// Writes the workers' access lines on a thread of its own: a log that nobody reads must not stop the serving. What
/// does not fit any more is dropped and counted.
class AccessLog {
 public:
  explicit AccessLog(Log& log);
  ~AccessLog();  ///< writes what is left
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Takes the lines and leaves an empty string.
  void add(std::string& lines);

 private:
  void write();

  Log& log_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::string pending_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

struct HttpServerShared {
  HttpServerShared(HttpServerOptions o, ServerHandler h, ErrorPage e, Log& l)
      : options(std::move(o)), handler(std::move(h)), error_page(std::move(e)), log(l) {}

  HttpServerOptions options;
  ServerHandler handler;
  ErrorPage error_page;
  Log& log;
  AccessLog access_log{log};
  AddressCounts addresses;
  std::atomic<int> open{0};
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
};

class HttpConnection;

/// One thread, one event loop, its connections and its share of the counts and of the access log.
class HttpWorker {
 public:
  explicit HttpWorker(HttpServerShared& shared);

  HttpServerShared& shared;
  asio::io_context context{1};
  std::list<std::shared_ptr<HttpConnection>> connections;

  void start();
  /// Takes a connection; with a status it is answered so and closed. Counted in `open` and `addresses` already.
  void take(Socket socket, std::string address, int refuse_status);
  /// Has what asks nothing closed; the rest ends with its answer.
  void stop_idle();
  /// Answers 503 to what waits for a handler.
  void stop_handling();
  void close_all();
  /// "Sun, 22 Nov 2026 04:48:00 GMT".
  const std::string& http_date() const { return http_date_; }
  std::string new_request_id();
  void count(std::string_view route, int status, std::size_t bytes, std::chrono::microseconds took);
  void count_timeout();
  void log_request(const ServerRequest& request, int status, std::size_t bytes,
                   std::chrono::microseconds took, const std::string& address);
  void add_to(ServerStats& stats) const;

 private:
  void wait_for_tick();
  /// What must happen now and then: deadlines, the date, the log.
  void tick();
  void flush_log();
  void set_date();

  asio::steady_timer timer_;
  std::string http_date_;
  std::string log_lines_;
  std::string log_second_;  ///< "2026-11-22T04:48:00"
  std::chrono::sys_seconds second_{};
  const bool logs_json_;
  const bool logs_text_;
  const std::string log_bound_;  ///< the fields that every line carries, as JSON
  std::mt19937_64 random_;
  mutable std::mutex counts_mutex_;
  std::map<std::pair<std::string_view, int>, std::uint64_t> requests_;
  std::array<std::uint64_t, kDurationBounds.size() + 1> durations_{};
  std::chrono::microseconds duration_sum_{0};
  std::uint64_t bytes_ = 0;
  std::uint64_t timed_out_ = 0;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpWorker& worker, Socket socket, std::string address);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// Where the worker keeps it; before the two that follow.
  void keep(std::list<std::shared_ptr<HttpConnection>>::iterator self) { self_ = self; }
  void start();
  /// Answers with an error and closes: a connection over a cap.
  void refuse(int status, std::string_view message);
  /// The handler's answer, from any thread.
  void answer(ServerReply reply);
  /// 500: the handler gave up.
  void answer_failure();
  /// Closes when the deadline is over.
  void check_deadline(SteadyTime now);
  /// The server ends: closes soon, unless a request is under way or at hand. Who has never asked gets a moment more.
  void end_if_idle();
  /// The server has waited long enough: 503 for what its handler has not answered.
  void end_if_handling();
  void close();

 private:
  enum class State {
    idle,      ///< nothing of a request has come
    reading,   ///< a part of one has come
    handling,  ///< waiting for the handler
    writing,
    draining,  ///< answered for the last time: what still comes is read and dropped
    closed
  };

  void process();
  void read();
  void on_read(std::size_t bytes);
  bool parse();
  void dispatch();
  void fail(int status, std::string_view message);
  /// In the handler's place: what it says later goes nowhere.
  void give_up(std::string_view message);
  void tell_to_continue();
  void send(ServerReply reply);
  void write_rest();
  void on_written();
  void drain();
  bool has_unread() const;
  void enter(State state);

  HttpWorker& worker_;
  Socket socket_;
  std::string address_;
  std::list<std::shared_ptr<HttpConnection>>::iterator self_;
  State state_ = State::idle;
  SteadyTime deadline_;
  SteadyTime began_;
  beast::flat_buffer buffer_;
  std::optional<RequestReader> reader_;  ///< of the request at hand, or of the last one
  ServerRequest request_;
  std::string id_;
  bool head_ = false;
  bool keep_alive_ = false;
  bool fresh_ = true;  ///< nothing was answered yet
  bool processing_ = false;
  bool reading_ = false;                     ///< a read is under way
  bool continued_ = false;                   ///< "100 Continue" was sent for the request at hand
  bool refused_ = false;                     ///< answered without having read all that was sent
  std::string out_;                          ///< status line and headers
  std::shared_ptr<const std::string> body_;  ///< what follows them
  std::size_t written_ = 0;
};

}  // namespace am::kernel
