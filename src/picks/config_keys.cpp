// The configuration keys of the picks desk.

#include "am/picks/desk.hpp"

namespace am::picks {

namespace {

constexpr std::string_view kPickers[] = {"openai", "momentum", "file:PATH", "-"};
constexpr std::string_view kPrices[] = {"alpha-vantage", "stooq", "csv:DIR"};
constexpr std::string_view kNone[] = {"none"};
constexpr std::string_view kResponseFormats[] = {"json_schema", "json_object", "none"};

constexpr kernel::ConfigKey kKeys[] = {
    {"picks.picker", "AM_PICKER", kernel::KeyType::text, "openai",
     "who picks: openai, momentum, file:PATH or -", 0, 0, kPickers},
    {"picks.prices", "AM_PRICES", kernel::KeyType::text, "alpha-vantage",
     "where closes come from: alpha-vantage, stooq, csv:DIR", 0, 0, kPrices},
    {"picks.benchmark", "AM_BENCHMARK", kernel::KeyType::text, "",
     "symbol to measure against; default SPY, or what a csv: directory names"},
    {"picks.universe", "AM_UNIVERSE", kernel::KeyType::text, "",
     "file that names the symbols which the picks are compared with; a csv: directory names its own"},
    {"openai.api_key", "OPENAI_API_KEY", kernel::KeyType::secret, "",
     "bearer key of the chat completions API"},
    {"openai.model", "OPENAI_MODEL", kernel::KeyType::text, "gpt-4o-mini", "model that picks"},
    kernel::url_key("openai.base_url", "OPENAI_BASE_URL", "https://api.openai.com/v1",
                    "any compatible server", "/chat/completions"),
    {"openai.temperature", "OPENAI_TEMPERATURE", kernel::KeyType::decimal, "0.2",
     "sampling temperature; none: not sent", 0, 2, kNone},
    {"openai.response_format", "OPENAI_RESPONSE_FORMAT", kernel::KeyType::text, "json_schema",
     "how the model is held to JSON; none: not at all", 0, 0, kResponseFormats},
    {"openai.prompt_file", "OPENAI_PROMPT_FILE", kernel::KeyType::text, "",
     "file with the prompt's template; default: the one that am has"},
    {"openai.prices", "OPENAI_PRICES", kernel::KeyType::text, "",
     "dollars for a million tokens of the model: input,cached,output"},
    {"openai.timeout_ms", "OPENAI_TIMEOUT_MS", kernel::KeyType::integer, "60000",
     "longest wait for one answer", 100, 600000},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kKeys; }

}  // namespace am::picks
