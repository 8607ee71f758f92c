#include "am/strategy/desk.hpp"

#include <string_view>

namespace am::strategy {

namespace {

constexpr std::string_view kTables[] = {"market.bars",      "trading.users",       "trading.strategies",
                                        "trading.sessions", "trading.signals",     "trading.orders",
                                        "trading.trades",   "trading.positions",   "trading.cash_entries",
                                        "trading.switch",   "trading.paper_orders",
                                        "trading.fee_corrections", "trading.gateways", "trading.adopted"};

constexpr kernel::Job kJobs[] = {{.name = kRunJob, .command = "am strategy run"},
                                 {.name = kIngestJob, .command = "am strategy ingest"}};

}  // namespace

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{
      .name = "strategy", .jobs = kJobs, .keys = config_keys(), .tables = kTables};
  return kDesk;
}

}  // namespace am::strategy
