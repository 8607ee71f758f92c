#pragma once
// The tables of one session's page. Private.

#include <string>
#include <vector>

#include "trade_reads.hpp"

namespace am::web {

/// A section each; empty where there is nothing to show.
std::string trades_html(const std::vector<TradeLine>& trades);
std::string orders_html(const std::string& name, const std::string& caption,
                        const std::vector<OrderLine>& orders);
std::string not_ordered_html(const std::vector<SignalLine>& signals, const std::vector<StatusCount>& counts);

}  // namespace am::web
