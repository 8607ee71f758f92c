#pragma once
// Where the market's messages go: bars into market.bars, then bars and trades into Redis. Private.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "alpaca_market.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/ingest.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"

namespace am::strategy {

class MarketWriter {
 public:
  /// epoch: names this process's life to whoever reads its counts.
  MarketWriter(kernel::Db& db, Redis& redis, kernel::Log& log, std::int64_t epoch, IngestResult& counts)
      : db_(db), redis_(redis), log_(log), epoch_(epoch), counts_(counts) {}

  /// Stores, then publishes. A bar from after `now` and some is dropped, as bad.
  /// Errors:  as Db: nothing of it was published then. A Redis that is away is logged and counted.
  void take(const StreamBatch& batch, Micros now);
  /// Past bars of one symbol.
  void store(const std::string& symbol, std::vector<Bar> bars);
  /// What is published from now on does not follow what was: messages may be lost in between.
  void break_sequence();

 private:
  struct Message {
    std::string channel, payload;
  };
  SequenceNumber next(const std::string& channel);
  std::vector<Message> messages(const StreamBatch& batch, Micros latest);
  void publish(const std::vector<Message>& messages);

  kernel::Db& db_;
  Redis& redis_;
  kernel::Log& log_;
  const std::int64_t epoch_;
  IngestResult& counts_;
  std::map<std::string, std::int64_t> sequences_;
  kernel::SteadyTime redis_again_{};
  bool redis_away_ = false;
};

}  // namespace am::strategy
