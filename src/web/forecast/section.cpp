#include "am/forecast/band_chart.hpp"
#include "am/web/forecast_section.hpp"
#include "documents.hpp"

namespace am::web {

namespace {

std::vector<Route> forecast_routes() {
  const Param limit{"limit", ParamKind::limit, "How many, 1 to 100."};
  return {
      {.path = "/forecast/series",
       .name = "list_series",
       .summary = "Series, by name, with what is known of them and how good their forecasts were",
       .params = {limit, {"cursor", ParamKind::name, "A series; only those after it."}},
       .schema = "SeriesList",
       .statuses = {400, 503},
       .ask = ask_series_list,
       .make = make_series_list},
      {.path = "/forecast/predictions",
       .name = "list_predictions",
       .summary = "What is predicted of a series, by day, with bounds, and what came",
       .params = {{"series", ParamKind::name, "The series; required."},
                  {"from", ParamKind::date, "The first day."},
                  {"to", ParamKind::date, "The last day."},
                  {"as_of", ParamKind::date, "What was predicted then, looking at no later day than this."},
                  limit,
                  {"cursor", ParamKind::date, "A day; only those after it."}},
       .schema = "PredictionList",
       .statuses = {400, 404, 503},
       .render = forecast_predictions},
      {.path = "/forecast/jobs/{id}",
       .name = "get_forecast_job",
       .summary = "One job of the queue",
       .params = {{"id", ParamKind::sequence, "The job's number."}},
       .schema = "ForecastJob",
       .statuses = {400, 404, 503},
       .ask = ask_forecast_job,
       .make = make_forecast_job},
      {.path = kForecastsPage,
       .name = "page_forecasts",
       .summary = "Page: all series, the worst forecasts first",
       .params = {{"page", ParamKind::sequence, "Which page of the list."}},
       .schema = {},
       .statuses = {400, 503},
       .content_type = kHtmlType,
       .render = page_forecasts},
      {.path = "/pages/forecasts/{series}",
       .name = "page_forecast",
       .summary = "Page: one series",
       .params = {{"series", ParamKind::name, "The series."},
                  {"day", ParamKind::date, "The day whose forecast is explained; the next one."}},
       .schema = {},
       .statuses = {400, 404, 503},
       .content_type = kHtmlType,
       .render = page_forecast}};
}

}  // namespace

std::string series_path(const std::string& series) { return std::string(kForecastsPage) + "/" + series; }

const Section& forecast_section() {
  static const Section kSection{.name = "forecast",
                                .about = "Daily series, forecast with bounds, and held against what came.",
                                .routes = forecast_routes(),
                                .home = kForecastsPage,
                                .navigation = {{kForecastsPage, "Forecasts"}},
                                .terms = forecast_terms(),
                                .schemas = forecast_schemas(),
                                .style = forecast::band_style(),
                                .status_note = "The night's forecasts are due at 2:00 of forecast.zone"};
  return kSection;
}

}  // namespace am::web
