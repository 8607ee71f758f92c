#pragma once
// The core of the desk: a day as a sum of earlier days, the same days a season ago, and its place in the week. What the
// near lags say is corrected by what they said around the same place of earlier seasons: y(t−1) tells the level, y(t−s)
// and y(t−s−1) what such a day adds to it. Huber's weights keep a strike or a flood from deciding; older rows weigh less
// where the kind forgets. Further steps are forecast from forecasts, held within the range of the past and half of it.
// A missing day has no weight, and as a lag it is what the model itself says of it.
// Source: seasonal autoregression by least squares, Box and Jenkins 1970; robust weights, Huber 1964.

#include "model.hpp"

namespace am::forecast {

/// The kinds differ in which lags they see; R4 and R5 work on differences, so that a level may wander.
std::unique_ptr<Fitted> fit_regression_near(const Signal& signal, int end);  ///< R1, R2: few lags, forgets
std::unique_ptr<Fitted> fit_regression_wide(const Signal& signal,
                                            int end);  ///< R3: two seasons, forgets nothing
std::unique_ptr<Fitted> fit_regression_changes(const Signal& signal,
                                               int end);  ///< R4: R3 on day-to-day changes
std::unique_ptr<Fitted> fit_regression_seasonal(const Signal& signal,
                                                int end);  ///< R5: changes over the first season

}  // namespace am::forecast
