#pragma once
// What the forecast desk's section is made of. Private.

#include <string>
#include <string_view>
#include <vector>

#include "am/web/section.hpp"

namespace am::web {

inline constexpr std::string_view kForecastsPage = "/pages/forecasts";

/// A series' page. series: a name, as ParamKind::name has it, so it needs no encoding.
std::string series_path(const std::string& series);

// forecast_schemas.cpp
std::string_view forecast_schemas();

// forecast_glossary.cpp
std::vector<Term> forecast_terms();

// api_forecast.cpp
std::vector<kernel::Statement> ask_series_list(const Args& args);
Document make_series_list(const Args& args, const std::vector<kernel::Rows>& results);
Document forecast_predictions(const Args& args, const Source& source);
std::vector<kernel::Statement> ask_forecast_job(const Args& args);
Document make_forecast_job(const Args& args, const std::vector<kernel::Rows>& results);

// page_*.cpp
Document page_forecasts(const Args& args, const Source& source);
Document page_forecast(const Args& args, const Source& source);

}  // namespace am::web
