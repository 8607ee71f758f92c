#include <algorithm>
#include <array>
#include <optional>

#include "redis_connection.hpp"

namespace am::strategy {

struct Redis::Impl {
  Impl(RedisTarget to, RedisTimeouts within) : target(std::move(to)), timeouts(within) {}
  const RedisTarget target;
  const RedisTimeouts timeouts;
  std::optional<RedisConnection> connection{};

  /// Work over a connection. One that was lost since it had worked is made again, once; one that says nothing is not: that
  /// would wait twice.
  template <class Work>
  auto over_connection(Work work) {
    const bool is_used = connection.has_value();
    try {
      if (!connection) connection.emplace(target, timeouts);
      return work(*connection);
    } catch (const Error& error) {
      const bool again = is_used && error.kind() == ErrorKind::unavailable && !connection->was_late();
      connection.reset();
      if (!again) throw;
    }
    connection.emplace(target, timeouts);
    try {
      return work(*connection);
    } catch (const Error&) {
      connection.reset();
      throw;
    }
  }

  RedisReply command(std::initializer_list<std::string_view> words, RedisReply::Kind expected) {
    return over_connection([&](RedisConnection& on) {
      RedisReply reply = on.command({words.begin(), words.size()});
      if (reply.kind != expected) throw unexpected();
      return reply;
    });
  }

  Error unexpected() const {
    return {ErrorKind::data, "redis " + target.where() + ": an answer of another kind"};
  }
};

Redis::Redis(RedisTarget target, RedisTimeouts timeouts)
    : impl_(std::make_unique<Impl>(std::move(target), timeouts)) {}
Redis::~Redis() = default;

void Redis::ping() { impl_->command({"PING"}, RedisReply::Kind::text); }

long long Redis::publish(std::string_view channel, std::string_view payload) {
  return impl_->command({"PUBLISH", channel, payload}, RedisReply::Kind::integer).integer;
}

long long Redis::publish(std::span<const Publication> publications) {
  return impl_->over_connection([&](RedisConnection& on) {
    for (const Publication& each : publications)
      on.append(std::array<std::string_view, 3>{"PUBLISH", each.channel, each.payload});
    long long reached = 0;
    for (std::size_t i = 0; i < publications.size(); ++i) {
      const RedisReply reply = on.receive();
      if (reply.kind != RedisReply::Kind::integer) throw impl_->unexpected();
      reached = reply.integer;
    }
    return reached;
  });
}

bool Redis::add(std::string_view set, std::string_view member) {
  return impl_->command({"SADD", set, member}, RedisReply::Kind::integer).integer > 0;
}

bool Redis::remove(std::string_view set, std::string_view member) {
  return impl_->command({"SREM", set, member}, RedisReply::Kind::integer).integer > 0;
}

std::vector<std::string> Redis::members(std::string_view set) {
  std::vector<std::string> members = impl_->command({"SMEMBERS", set}, RedisReply::Kind::list).list;
  std::ranges::sort(members);
  return members;
}

}  // namespace am::strategy
