#include "probes.hpp"

#include "am/strategy/redis.hpp"
#include "am/strategy/worker.hpp"

namespace am::cli {

namespace {

constexpr std::chrono::milliseconds kRedisPatience{2000};

kernel::Check check_redis(const kernel::Config& config) {
  const std::string name = "redis";
  try {
    const strategy::RedisTarget target = strategy::parse_redis_url(config.secret("redis.url"));
    strategy::Redis redis(target, {.connect = kRedisPatience, .answer = kRedisPatience});
    redis.ping();
    return kernel::passed(name, target.where());
  } catch (const Error& error) {
    return kernel::failed(
        name, error.message(),
        error.hint().empty() ? "start it, or set REDIS_URL: engines hear of the market by it" : error.hint());
  }
}

kernel::Check check_sandbox(const kernel::Config& config) {
  const std::string& kind = config.text("strategy.sandbox");
  const std::string name = "sandbox";
  try {
    strategy::probe_sandbox(
        {.kind = kind == "landlock" ? strategy::SandboxKind::landlock : strategy::SandboxKind::bwrap});
    return kernel::passed(name, kind + ": Python strategies can be run, and are held");
  } catch (const Error& error) {
    return kernel::failed_by(name, error);
  }
}

}  // namespace

std::vector<kernel::Check> strategy_probes(Context& context, bool offline) {
  return {offline ? kernel::skipped("redis", "--offline") : check_redis(context.config),
          check_sandbox(context.config)};
}

}  // namespace am::cli
