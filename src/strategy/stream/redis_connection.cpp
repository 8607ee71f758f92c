#include "redis_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <hiredis/hiredis.h>
#include <unistd.h>

#include "am/base/text.hpp"
#include "socket.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kMostWords = 200;
constexpr const char* kLoginHint =
    "look at the user and the password in redis.url, and at what the user may do";

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Answer = std::unique_ptr<redisReply, FreeReply>;

timeval timeval_of(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {seconds.count(), std::chrono::microseconds(time - seconds).count()};
}

bool begins_with_any(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view each) { return text.starts_with(each); });
}

RedisReply plain(const redisReply& reply) {
  RedisReply out;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = RedisReply::Kind::text;
      out.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_INTEGER:
      out.kind = RedisReply::Kind::integer;
      out.integer = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = RedisReply::Kind::list;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        const redisReply& each = *reply.element[i];
        out.list.push_back(each.type == REDIS_REPLY_STRING ? std::string(each.str, each.len) : std::string());
      }
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

void RedisConnection::Close::operator()(redisContext* context) const { redisFree(context); }

RedisConnection::RedisConnection(const RedisTarget& target, const RedisTimeouts& timeouts)
    : where_("redis " + target.where()) {
  try {
    const int fd = connect_socket(target, std::chrono::steady_clock::now() + timeouts.connect);
    context_.reset(redisConnectFd(fd));
    if (!context_) {
      close(fd);
      throw Error(ErrorKind::unavailable, "no memory for a connection");
    }
    set_timeout(timeouts.answer);
    if (target.tls) start_redis_tls(*context_, target.host);
  } catch (const Error& error) {
    throw error.within(where_);
  }
  log_in(target);
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::set_timeout(std::chrono::milliseconds timeout) {
  if (redisSetTimeout(context_.get(), timeval_of(timeout)) != REDIS_OK) fail();
}

/// Of what is said to a login no word is quoted: a server that does not know it repeats what it was sent.
void RedisConnection::log_in(const RedisTarget& target) {
  const auto log_in_by = [&](std::span<const std::string_view> words, const char* what) {
    try {
      command(words);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unavailable) throw;
      throw Error(ErrorKind::denied, where_ + ": " + what, kLoginHint);
    }
  };
  if (!target.user.empty())
    log_in_by(std::array<std::string_view, 3>{"AUTH", target.user, target.password}, "the login is refused");
  else if (!target.password.empty())
    log_in_by(std::array<std::string_view, 2>{"AUTH", target.password}, "the password is refused");
  const std::string database = std::to_string(target.database);
  if (target.database != 0) command(std::array<std::string_view, 2>{"SELECT", database});
}

RedisReply RedisConnection::command(std::span<const std::string_view> words) {
  append(words);
  return receive();
}

void RedisConnection::append(std::span<const std::string_view> words) {
  constexpr std::size_t kMostParts = 8;
  std::array<const char*, kMostParts> texts{};
  std::array<std::size_t, kMostParts> sizes{};
  if (words.size() > kMostParts) throw Error(ErrorKind::bug, "redis: a command of too many words");
  for (std::size_t i = 0; i < words.size(); ++i) {
    texts[i] = words[i].data() == nullptr ? "" : words[i].data();
    sizes[i] = words[i].size();
  }
  if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data()) !=
      REDIS_OK)
    fail();
}

RedisReply RedisConnection::receive() {
  void* got = nullptr;
  if (redisGetReply(context_.get(), &got) != REDIS_OK || got == nullptr) fail();
  const Answer answer(static_cast<redisReply*>(got));
  if (answer->type == REDIS_REPLY_ERROR) throw refusal({answer->str, answer->len});
  return plain(*answer);
}

void RedisConnection::fail() {
  late_ = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (late_) throw Error(ErrorKind::unavailable, where_ + ": no answer in time");
  if (context_->err == REDIS_ERR_PROTOCOL)
    throw Error(ErrorKind::data, where_ + ": it does not speak as a Redis", "look at the port in redis.url");
  throw Error(ErrorKind::unavailable, where_ + ": " + to_lower(one_line(context_->errstr, kMostWords)));
}

Error RedisConnection::refusal(std::string_view text) const {
  static constexpr std::array<std::string_view, 5> kDenied{"NOAUTH", "WRONGPASS", "NOPERM", "DENIED",
                                                           "ERR operation not permitted"};
  static constexpr std::array<std::string_view, 8> kLater{
      "LOADING",  "BUSY",     "MASTERDOWN", "CLUSTERDOWN",
      "TRYAGAIN", "READONLY", "OOM",        "ERR max number of clients"};
  const std::string said = where_ + ": " + one_line(text, kMostWords);
  if (begins_with_any(text, kDenied)) return {ErrorKind::denied, said, kLoginHint};
  if (begins_with_any(text, kLater)) return {ErrorKind::unavailable, said};
  return {ErrorKind::data, said};
}

}  // namespace am::strategy
