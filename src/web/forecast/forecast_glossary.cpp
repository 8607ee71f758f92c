// The desk's words, as docs/glossary.md has them.

#include "documents.hpp"

namespace am::web {

std::vector<Term> forecast_terms() {
  return {
      {"as of", "the newest day that a forecast looked at"},
      {"backtest", "forecasts of days of the past, each knowing nothing later, compared with what came"},
      {"band, bounds", "what a day lies between in 80, or in 95, of 100 cases"},
      {"coverage", "how often what came lay within the bounds: near 80 and 95 % where they are honest"},
      {"drift",
       "what came over 28 days was far from what was forecast: worse than a naive forecast and than 1.5 × its backtest, or outside the 95 % bounds more than a fifth of the time"},
      {"MASE", "mean absolute error in units of the usual step of one season; the smaller the better"},
      {"naive", "the forecast that needs no model: the last value, or that of a season ago"},
      {"series", "a value a day, by name; which days exist is its calendar's"}};
}

}  // namespace am::web
