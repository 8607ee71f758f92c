// The library's reader calls back for each piece of an answer, here with functions that make nothing: a channel's name is
// kept in a buffer, and a payload is told where it lies.

#include "redis_subscription.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fcntl.h>
#include <hiredis/hiredis.h>

#include "am/market/symbol.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kLongestChannel = 64;
constexpr std::size_t kMostUnread = std::size_t{8} << 20;  // of one message that is not whole yet
constexpr std::size_t kKeptBuffer = std::size_t{256} << 10;
constexpr int kSubscriptions = 3;

/// An answer as far as it was read.
struct PartialAnswer {
  SubscriptionListener* listener = nullptr;
  enum class What { other, message, pattern_message, confirmation } what = What::other;
  std::array<char, kLongestChannel> channel{};
  std::size_t channel_size = 0;
  int confirmed = 0;
  std::string error{};  ///< what the server said instead

  void begin() {
    what = What::other;
    channel_size = 0;
  }
  void text(int index, std::string_view text);
  void tell(std::string_view payload);
};

void PartialAnswer::text(int index, std::string_view text) {
  if (index == 0) {
    what = text == "pmessage"                              ? What::pattern_message
           : text == "message"                             ? What::message
           : (text == "psubscribe" || text == "subscribe") ? What::confirmation
                                                           : What::other;
    return;
  }
  if (what != What::message && what != What::pattern_message) return;
  const int of_channel = what == What::message ? 1 : 2;
  if (index == of_channel) {
    channel_size = std::min(text.size(), channel.size());  // a longer one is nobody's
    std::copy_n(text.data(), channel_size, channel.data());
  } else if (index == of_channel + 1) {
    tell(text);
  }
}

void PartialAnswer::tell(std::string_view payload) {
  const std::string_view name(channel.data(), channel_size);
  if (name == kControlChannel) return listener->on_message(Frame::Kind::control, {}, payload);
  const bool is_bar = name.starts_with(kBarChannels);
  if (!is_bar && !name.starts_with(kTradeChannels)) return listener->on_unknown();
  const std::string_view symbol = name.substr((is_bar ? kBarChannels : kTradeChannels).size());
  if (!market::is_symbol(symbol)) return listener->on_unknown();
  listener->on_message(is_bar ? Frame::Kind::bar : Frame::Kind::trade, symbol, payload);
}

PartialAnswer& answer_of(const redisReadTask* task) { return *static_cast<PartialAnswer*>(task->privdata); }

/// What stands for every object: something that is not null.
void* nothing() {
  static char object;
  return &object;
}

void* on_string(const redisReadTask* task, char* text, std::size_t size) {
  PartialAnswer& answer = answer_of(task);
  if (task->type == REDIS_REPLY_ERROR)
    answer.error.assign(text, size);
  else if (task->parent != nullptr && task->parent->parent == nullptr)
    answer.text(task->idx, {text, size});
  return nothing();
}

#if HIREDIS_MAJOR >= 1
void* on_array(const redisReadTask* task, std::size_t) {
#else
void* on_array(const redisReadTask* task, int) {
#endif
  if (task->parent == nullptr) answer_of(task).begin();
  return nothing();
}

void* on_integer(const redisReadTask* task, long long) {
  PartialAnswer& answer = answer_of(task);
  if (answer.what != PartialAnswer::What::confirmation || task->parent == nullptr) return nothing();
  if (++answer.confirmed == kSubscriptions) answer.listener->on_confirmed();
  return nothing();
}

void* on_nil(const redisReadTask*) { return nothing(); }
void on_free(void*) {}

redisReplyObjectFunctions* functions() {
  static redisReplyObjectFunctions all = [] {
    redisReplyObjectFunctions made{};
    made.createString = on_string;
    made.createArray = on_array;
    made.createInteger = on_integer;
    made.createNil = on_nil;
    made.freeObject = on_free;
#if HIREDIS_MAJOR >= 1
    made.createDouble = [](const redisReadTask*, double, char*, std::size_t) { return nothing(); };
    made.createBool = [](const redisReadTask*, int) { return nothing(); };
#endif
    return made;
  }();
  return &all;
}

}  // namespace

struct Subscription::Parts {
  Parts(const RedisTarget& target, std::chrono::milliseconds timeout)
      : connection(target, {timeout, timeout}) {}
  RedisConnection connection;
  PartialAnswer answer{};

  void send() {
    int done = 0;
    if (redisBufferWrite(&connection.context(), &done) != REDIS_OK) connection.fail();
    if (done == 0) throw Error(ErrorKind::unavailable, "it takes nothing");
  }
};

Subscription::Subscription(const RedisTarget& target, std::chrono::milliseconds timeout,
                           SubscriptionListener& listener)
    : parts_(std::make_unique<Parts>(target, timeout)) {
  parts_->answer.listener = &listener;
  redisContext& context = parts_->connection.context();
  redisReader* const reader = redisReaderCreateWithFunctions(functions());
  if (reader == nullptr) throw Error(ErrorKind::unavailable, "no memory for a connection");
  redisReaderFree(context.reader);
  context.reader = reader;
  reader->privdata = &parts_->answer;
  reader->maxbuf = kKeptBuffer;
  const std::string bars = std::string(kBarChannels) + "*", trades = std::string(kTradeChannels) + "*";
  // Control first: when the market's messages begin to come, none of it is missed.
  parts_->connection.append(std::array<std::string_view, 2>{"SUBSCRIBE", kControlChannel});
  parts_->connection.append(std::array<std::string_view, 3>{"PSUBSCRIBE", bars, trades});
  parts_->send();
  context.flags &= ~REDIS_BLOCK;  // nothing to be read is no failure
  fcntl(context.fd, F_SETFL, fcntl(context.fd, F_GETFL) | O_NONBLOCK);
}

Subscription::~Subscription() = default;

int Subscription::socket() const { return parts_->connection.context().fd; }

std::size_t Subscription::read() {
  redisContext& context = parts_->connection.context();
  const std::size_t before = context.reader->len;
  if (redisBufferRead(&context) != REDIS_OK) parts_->connection.fail();
  return context.reader->len - before;
}

void Subscription::tell() {
  redisContext& context = parts_->connection.context();
  void* reply = nullptr;
  do {
    if (redisGetReplyFromReader(&context, &reply) != REDIS_OK) parts_->connection.fail();
  } while (reply != nullptr);
  if (!parts_->answer.error.empty()) throw parts_->connection.refusal(parts_->answer.error);
  if (context.reader->len - context.reader->pos > kMostUnread)
    throw Error(ErrorKind::unavailable, "a message of more than 8 MiB");
}

void Subscription::ping() {
  parts_->connection.append(std::array<std::string_view, 1>{"PING"});
  parts_->send();
}

}  // namespace am::strategy
