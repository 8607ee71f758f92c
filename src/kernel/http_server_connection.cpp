#include <algorithm>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "http_connection.hpp"

namespace am::kernel {

namespace {

constexpr std::chrono::milliseconds kDrainTimeout{2000};
constexpr std::chrono::milliseconds kFirstRequest{
    1000};                                   // of who connected just before the server began to end
constexpr std::size_t kBufferBytes = 16384;  // a whole header, and a part of what is pipelined behind it

/// With a body as well: in chunks it may be sent in twice its bytes.
std::size_t buffer_limit(const HttpServerOptions& options) {
  return options.max_body_bytes == 0 ? kBufferBytes : kBufferBytes + 2 * options.max_body_bytes + 1024;
}

std::string_view reason(int status) {
  const auto text = beast::http::obsolete_reason(static_cast<beast::http::status>(status));
  return {text.data(), text.size()};
}

bool good_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

HttpConnection::HttpConnection(HttpWorker& worker, Socket socket, std::string address)
    : worker_(worker),
      socket_(std::move(socket)),
      address_(std::move(address)),
      buffer_(buffer_limit(worker.shared.options)) {}

HttpConnection::~HttpConnection() {
  if (!address_.empty()) worker_.shared.addresses.remove(address_);
  worker_.shared.open.fetch_sub(1);
}

void HttpConnection::start() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  enter(State::idle);
  deadline_ = std::chrono::steady_clock::now() + worker_.shared.options.header_timeout;
  process();
}

void HttpConnection::refuse(int status, std::string_view message) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  enter(State::reading);
  began_ = std::chrono::steady_clock::now();
  fail(status, message);
}

void HttpConnection::enter(State state) {
  state_ = state;
  const HttpServerOptions& options = worker_.shared.options;
  const SteadyTime now = std::chrono::steady_clock::now();
  switch (state) {
    case State::idle:
      deadline_ = now + options.idle_timeout;
      return;
    case State::reading:
      deadline_ = now + options.header_timeout;
      return;
    case State::writing:
      deadline_ = now + options.write_timeout;
      return;
    case State::draining:
      deadline_ = now + kDrainTimeout;
      return;
    case State::handling:
      deadline_ = options.answer_timeout.count() > 0 ? now + options.answer_timeout : SteadyTime::max();
      return;
    case State::closed:
      deadline_ = SteadyTime::max();
      return;
  }
}

void HttpConnection::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  if (state_ == State::idle && has_unread()) return;  // what has arrived is answered
  const bool wanted = state_ == State::draining || (state_ == State::idle && worker_.shared.stopping);
  if (!wanted) worker_.count_timeout();
  if (state_ == State::reading) {
    fail(408, "the request took too long");
  } else if (state_ == State::handling) {
    give_up("the answer took too long");
  } else {
    close();
  }
}

void HttpConnection::close() {
  if (state_ == State::closed) return;
  enter(State::closed);
  boost::system::error_code ignored;
  socket_.close(ignored);
  worker_.connections.erase(self_);  // may destroy this, unless a caller or an operation holds it
}

/// Answers what is there, request by request, then asks for more.
void HttpConnection::process() {
  if (processing_) return;
  const auto self = shared_from_this();
  processing_ = true;
  const auto wants_request = [this] { return state_ == State::idle || state_ == State::reading; };
  while (wants_request() && parse()) dispatch();
  processing_ = false;
  if (wants_request()) read();
}

/// One read at a time; what its bytes are for is decided when they come.
void HttpConnection::read() {
  if (reading_) return;
  reading_ = true;
  socket_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
                            self->reading_ = false;
                            if (error) return self->close();
                            self->on_read(bytes);
                          });
}

void HttpConnection::on_read(std::size_t bytes) {
  switch (state_) {
    case State::idle:
    case State::reading:
      buffer_.commit(bytes);
      return process();
    case State::draining:
      return read();
    case State::handling:
    case State::writing:  // after a deadline: nothing is read any more
    case State::closed:
      return;
  }
}

/// True: a whole request is there. False: more is needed, or it was refused.
bool HttpConnection::parse() {
  if (buffer_.size() == 0) return false;
  const HttpServerOptions& options = worker_.shared.options;
  if (state_ == State::idle) {
    enter(State::reading);
    began_ = std::chrono::steady_clock::now();
    reader_.emplace(RequestLimits{.head = options.max_header_bytes,
                                  .target = options.max_target_bytes,
                                  .body = options.max_body_bytes});
    continued_ = false;
  }
  const auto bytes = buffer_.data();
  switch (reader_->read({static_cast<const char*>(bytes.data()), bytes.size()})) {
    case RequestReader::State::more:
      if (reader_->waits_for_continue() && !continued_) tell_to_continue();
      return false;
    case RequestReader::State::whole:
      buffer_.consume(reader_->size());
      if (buffer_.size() == 0 && buffer_.capacity() > kBufferBytes) buffer_.shrink_to_fit();
      return true;
    case RequestReader::State::refused:
      fail(reader_->problem().status, reader_->problem().message);
      return false;
  }
  return false;
}

void HttpConnection::dispatch() {
  const RequestHead& asked = reader_->head();
  request_.method = asked.method;
  request_.target = asked.target;
  request_.if_none_match = asked.if_none_match;
  request_.accept_encoding = asked.accept_encoding;
  request_.accept = asked.accept;
  request_.origin = asked.origin;
  request_.content_type = asked.content_type;
  request_.authorization = asked.authorization;
  request_.body = reader_->body();
  const std::string_view id = asked.request_id;
  if (good_id(id)) {
    id_ = id;
  } else {
    id_ = worker_.new_request_id();
  }
  request_.id = id_;
  head_ = asked.method == "HEAD";
  keep_alive_ = asked.keep_alive;
  enter(State::handling);
  Responder responder(shared_from_this());
  try {
    worker_.shared.handler(request_, std::move(responder));
  } catch (const std::exception& error) {  // the responder, gone by now, has answered 500
    worker_.shared.log.error("request failed", {{"request_id", id_}, {"error", error.what()}});
  }
}

/// One short line into a buffer that is all but empty: what does not take it at once is a connection that is no use.
void HttpConnection::tell_to_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  continued_ = true;
  boost::system::error_code error;
  if (socket_.write_some(asio::buffer(kContinue), error) != kContinue.size()) close();
}

void HttpConnection::give_up(std::string_view message) {
  keep_alive_ = false;  // so that the late answer meets no other request
  send(worker_.shared.error_page(503, message));
}

void HttpConnection::end_if_handling() {
  if (state_ == State::handling) give_up("the server ends");
}

void HttpConnection::fail(int status, std::string_view message) {
  refused_ = true;
  request_ = {};
  if (reader_) {
    request_.method = reader_->head().method;
    request_.target = reader_->head().target;
  }
  id_ = worker_.new_request_id();
  request_.id = id_;
  head_ = request_.method == "HEAD";
  keep_alive_ = false;
  enter(State::handling);
  send(worker_.shared.error_page(status, message));
}

void HttpConnection::answer(ServerReply reply) {
  if (worker_.context.get_executor().running_in_this_thread()) {
    send(std::move(reply));
    return;
  }
  asio::post(worker_.context, [self = shared_from_this(), reply = std::move(reply)]() mutable {
    self->send(std::move(reply));
  });
}

void HttpConnection::answer_failure() { answer(worker_.shared.error_page(500, "internal error")); }

void HttpConnection::send(ServerReply reply) {
  if (state_ != State::handling) return;
  keep_alive_ = keep_alive_ && !worker_.shared.stopping.load(std::memory_order_relaxed);
  const std::size_t length = reply.body ? reply.body->size() : 0;
  const bool bodiless = reply.status == 204 || reply.status == 304;
  const int minor = reader_ ? reader_->head().minor : 1;
  out_.clear();
  fmt::format_to(std::back_inserter(out_), "HTTP/1.{} {} {}\r\nDate: {}\r\nX-Request-Id: {}\r\n", minor,
                 reply.status, reason(reply.status), worker_.http_date(), id_);
  if (reply.headers) out_ += *reply.headers;
  out_ += reply.extra_headers;
  if (!bodiless) fmt::format_to(std::back_inserter(out_), "Content-Length: {}\r\n", length);
  if (!keep_alive_) {
    out_ += "Connection: close\r\n";
  } else if (minor == 0) {
    out_ += "Connection: keep-alive\r\n";
  }
  out_ += "\r\n";
  body_ = head_ || bodiless ? nullptr : std::move(reply.body);
  written_ = 0;

  const std::size_t total = out_.size() + (body_ ? body_->size() : 0);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  worker_.count(reply.route, reply.status, total, took);
  worker_.log_request(request_, reply.status, body_ ? body_->size() : 0, took, address_);

  enter(State::writing);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out_),
                                                     body_ ? asio::buffer(*body_) : asio::const_buffer()};
  boost::system::error_code error;
  written_ = socket_.write_some(buffers, error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) return close();
  if (written_ == total) return on_written();
  write_rest();
}

void HttpConnection::write_rest() {
  const std::size_t from_head = std::min(written_, out_.size());
  const std::size_t from_body = written_ - from_head;
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(out_) + from_head, body_ ? asio::buffer(*body_) + from_body : asio::const_buffer()};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                      if (self->state_ == State::closed) return;
                      if (error) return self->close();
                      self->on_written();
                    });
}

void HttpConnection::on_written() {
  body_.reset();
  fresh_ = false;
  if (!keep_alive_) return refused_ || buffer_.size() > 0 || has_unread() ? drain() : close();
  enter(State::idle);
  process();
  if (worker_.shared.stopping.load(std::memory_order_relaxed)) end_if_idle();
}

bool HttpConnection::has_unread() const {
  boost::system::error_code error;
  return socket_.available(error) > 0;
}

/// At the next tick, and not at once: a request may have been read and not been looked at.
void HttpConnection::end_if_idle() {
  if (state_ != State::idle) return;
  const auto patience = fresh_ ? kFirstRequest : std::chrono::milliseconds(0);
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + patience);
}

/// Closing with unread data would take the answer away from the client: wait for its end, or a moment.
void HttpConnection::drain() {
  enter(State::draining);
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return close();
  if (!reading_) buffer_.clear();
  read();
}

Responder::~Responder() {
  if (connection_) connection_->answer_failure();
}

void Responder::send(ServerReply reply) {
  const std::shared_ptr<HttpConnection> connection = std::move(connection_);
  connection->answer(std::move(reply));
}

}  // namespace am::kernel
