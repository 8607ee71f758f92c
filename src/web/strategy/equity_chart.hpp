#pragma once
// A session's earnings as inline SVG, and below them how far it was under its highest. Drawn without a script, coloured by
// strategy_style(); a description and the page's tables say the same. Private.

#include <string>
#include <vector>

#include "equity.hpp"

namespace am::web {

/// Two drawings of the same: the style sheet shows the one that fits the window.
enum class EquitySize { wide, narrow };

/// Shape:   an <svg role="img"> with title and description, ids beginning with id; empty for a curve of less than two
///          points. Of more than 60 trades none has a mark.
/// Threads: pure.
std::string draw_equity(const std::string& id, const std::vector<EquityPoint>& curve, EquitySize size);

/// "From 2026-01-26 09:30 EST to … it earned $284.10; at its lowest it was $92.00 below its highest." Text.
std::string equity_summary(const std::vector<EquityPoint>& curve);

}  // namespace am::web
