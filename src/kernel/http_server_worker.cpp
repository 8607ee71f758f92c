#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/kernel/ids.hpp"
#include "http_connection.hpp"

namespace am::kernel {

namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::size_t kLogBuffer = 32768;
constexpr std::size_t kMostPending = 4 << 20;  // of access lines that nobody takes

/// A JSON string. Nearly every path is plain, and needs no library to be quoted.
void append_json(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') {
      out += nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
      return;
    }
  }
  out.append("\"").append(text).append("\"");
}

}  // namespace

AccessLog::AccessLog(Log& log) : log_(log), thread_([this] { write(); }) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_one();
  thread_.join();
}

void AccessLog::add(std::string& lines) {
  {
    const std::lock_guard lock(mutex_);
    if (pending_.size() + lines.size() <= kMostPending) {
      pending_ += lines;
    } else {
      dropped_ += static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    }
  }
  lines.clear();
  filled_.notify_one();
}

void AccessLog::write() {
  std::string lines;
  for (;;) {
    std::uint64_t dropped = 0;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
      if (pending_.empty()) return;
      lines.swap(pending_);
      std::swap(dropped, dropped_);
    }
    log_.write_lines(lines);
    lines.clear();
    if (dropped > 0)
      log_.warn("the log was not taken fast enough: access lines are missing",
                {{"lines", static_cast<std::int64_t>(dropped)}});
  }
}

int AddressCounts::add(const std::string& address) {
  const std::lock_guard lock(mutex_);
  return ++counts_[address];
}

void AddressCounts::remove(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(address);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

HttpWorker::HttpWorker(HttpServerShared& shared_state)
    : shared(shared_state),
      timer_(context),
      logs_json_(shared.log.wants(LogLevel::info) && shared.log.format() == LogFormat::json),
      logs_text_(shared.log.wants(LogLevel::info) && shared.log.format() == LogFormat::text),
      log_bound_(shared.log.bound_json()),
      random_(random_bits()) {
  set_date();
}

void HttpWorker::start() { wait_for_tick(); }

void HttpWorker::wait_for_tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    tick();
    wait_for_tick();
  });
}

void HttpWorker::tick() {
  set_date();
  flush_log();
  const SteadyTime now = std::chrono::steady_clock::now();
  for (auto each = connections.begin(); each != connections.end();) {
    const std::shared_ptr<HttpConnection> connection = *each++;
    connection->check_deadline(now);
  }
}

void HttpWorker::set_date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now == second_) return;
  second_ = now;
  http_date_ =
      fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  log_second_ = format_rfc3339(now);
  log_second_.pop_back();
}

void HttpWorker::take(Socket socket, std::string address, int refuse_status) {
  const auto connection = std::make_shared<HttpConnection>(*this, std::move(socket), std::move(address));
  connections.push_front(connection);
  connection->keep(connections.begin());
  if (refuse_status == 0) {
    connection->start();
    if (shared.stopping) connection->end_if_idle();
  } else {
    connection->refuse(refuse_status, "too many connections");
  }
}

void HttpWorker::stop_idle() {
  for (auto each = connections.begin(); each != connections.end();) {
    const std::shared_ptr<HttpConnection> connection = *each++;
    connection->end_if_idle();
  }
}

void HttpWorker::stop_handling() {
  for (auto each = connections.begin(); each != connections.end();) {
    const std::shared_ptr<HttpConnection> connection = *each++;
    connection->end_if_handling();
  }
}

void HttpWorker::close_all() {
  while (!connections.empty()) {
    const std::shared_ptr<HttpConnection> connection = connections.front();
    connection->close();
  }
  flush_log();
}

std::string HttpWorker::new_request_id() { return fmt::format("{:016x}{:016x}", random_(), random_()); }

void HttpWorker::count(std::string_view route, int status, std::size_t bytes,
                       std::chrono::microseconds took) {
  const std::lock_guard lock(counts_mutex_);
  ++requests_[{route, status}];
  std::size_t bucket = 0;
  while (bucket < kDurationBounds.size() && took.count() > kDurationBounds[bucket]) ++bucket;
  ++durations_[bucket];
  duration_sum_ += took;
  bytes_ += bytes;
}

void HttpWorker::count_timeout() {
  const std::lock_guard lock(counts_mutex_);
  ++timed_out_;
}

void HttpWorker::add_to(ServerStats& stats) const {
  const std::lock_guard lock(counts_mutex_);
  for (const auto& [key, count] : requests_) stats.requests[{std::string(key.first), key.second}] += count;
  stats.durations.resize(kDurationBounds.size());
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < durations_.size(); ++i) {
    so_far += durations_[i];
    if (i == kDurationBounds.size()) break;
    stats.durations[i].first = kDurationBounds[i] / 1e6;
    stats.durations[i].second += so_far;
  }
  stats.duration_count += so_far;
  stats.duration_sum_s += static_cast<double>(duration_sum_.count()) / 1e6;
  stats.bytes += bytes_;
  stats.timed_out += timed_out_;
}

void HttpWorker::log_request(const ServerRequest& request, int status, std::size_t bytes,
                             std::chrono::microseconds took, const std::string& address) {
  if (!logs_json_ && !logs_text_) return;
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  const std::string_view path = request.target.substr(0, question);
  const std::string_view query = request.target.substr(std::min(question + 1, request.target.size()));
  const double duration_ms = static_cast<double>(took.count()) / 1000;
  if (logs_text_) {
    shared.log.info("request", {{"method", request.method},
                                {"path", path},
                                {"query", query},
                                {"status", status},
                                {"bytes", static_cast<std::int64_t>(bytes)},
                                {"duration_ms", duration_ms},
                                {"request_id", request.id},
                                {"remote", address}});
    return;
  }
  set_date();
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() - second_);
  auto out = std::back_inserter(log_lines_);
  fmt::format_to(out, R"({{"ts":"{}.{:03}Z","level":"info","msg":"request"{},"method":)", log_second_,
                 std::clamp<long>(millis.count(), 0, 999), log_bound_);
  append_json(log_lines_, request.method);
  log_lines_ += ",\"path\":";
  append_json(log_lines_, path);
  if (!query.empty()) {
    log_lines_ += ",\"query\":";
    append_json(log_lines_, query);
  }
  fmt::format_to(out, R"(,"status":{},"bytes":{},"duration_ms":{:.3f},"request_id":")", status, bytes,
                 duration_ms);
  log_lines_.append(request.id).append("\",\"remote\":\"").append(address).append("\"}\n");
  if (log_lines_.size() >= kLogBuffer) flush_log();
}

void HttpWorker::flush_log() {
  if (log_lines_.empty()) return;
  shared.access_log.add(log_lines_);
}

}  // namespace am::kernel
