#pragma once
// The season taken out by STL, an ARIMA model of the rest. The last season is carried on; the year is left to the
// regressions. It is the member that knows how its own error grows.

#include "model.hpp"

namespace am::forecast {

std::unique_ptr<Fitted> fit_stl_arima(const Signal& signal, int end);

}  // namespace am::forecast
