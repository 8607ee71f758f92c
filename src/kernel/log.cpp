#include "am/kernel/log.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include "am/base/date.hpp"
#include "am/base/text.hpp"

namespace am::kernel {

namespace {

using Json = nlohmann::ordered_json;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      return "off";
  }
  return "off";
}

spdlog::level::level_enum spd_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

Json to_json(const Field& field) {
  return std::visit([](const auto& v) { return Json(v); }, field.value);
}

/// Always with three decimals, so that lines sort as text.
std::string timestamp() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  std::string text = format_rfc3339(second);
  text.pop_back();
  const std::string fraction = std::to_string((now - second).count());
  return text + "." + std::string(3 - fraction.size(), '0') + fraction + "Z";
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// With every escape that JSON has, in quotes.
std::string escaped(std::string_view text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// A message or key as it is; escaped, without the quotes, when it could forge a line or talk to the terminal.
std::string unforged(std::string_view text) {
  if (is_printable(text)) return std::string(text);
  const std::string quoted = escaped(text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string text_value(const Field& field) {
  const auto* text = std::get_if<std::string>(&field.value);
  if (text == nullptr) return dump(to_json(field));
  if (!is_printable(*text)) return escaped(*text);
  // Text stays readable as it is, but for what could pass for another field.
  return !text->empty() && text->find_first_of(" \"=\\") == std::string::npos ? *text : dump(Json(*text));
}

}  // namespace

struct Log::Impl {
  LogOptions options;
  mutable std::mutex mutex;
  Fields bound_everywhere;
  std::map<std::thread::id, Fields> bound_by;  ///< no entry: nothing is
  std::deque<std::pair<LogLevel, std::string>> held;
  std::size_t left_out = 0;  ///< of what was held
  std::ostream& stream;
  std::string status;  ///< what stands on the terminal's last line
  spdlog::logger logger;

  Impl(std::ostream& out, LogOptions o)
      : options(o), stream(out), logger("am", std::make_shared<spdlog::sinks::ostream_sink_mt>(out, true)) {
    logger.set_pattern("%v");
    logger.set_level(spd_level(o.level));
  }

  void put(LogLevel level, const std::string& line) {
    end_status();
    logger.log(spd_level(level), line);
  }

  void end_status() {
    if (status.empty()) return;
    stream << "\n" << std::flush;
    status.clear();
  }

  Fields bound() const {
    Fields all = bound_everywhere;
    if (const auto own = bound_by.find(std::this_thread::get_id()); own != bound_by.end())
      all.insert(all.end(), own->second.begin(), own->second.end());
    return all;
  }

  std::string json_line(LogLevel level, std::string_view msg, const Fields& fields) const {
    Json line;
    line["ts"] = timestamp();
    line["level"] = level_name(level);
    line["msg"] = msg;
    for (const Field& field : bound()) line[field.key] = to_json(field);
    for (const Field& field : fields) line[field.key] = to_json(field);
    return printable_json(dump(line));
  }

  std::string text_line(LogLevel level, std::string_view msg, const Fields& fields) const {
    std::string line(level_name(level));
    line.append(": ").append(unforged(msg));
    for (const Field& field : bound())
      line.append(" ").append(unforged(field.key)).append("=").append(text_value(field));
    for (const Field& field : fields)
      line.append(" ").append(unforged(field.key)).append("=").append(text_value(field));
    return line;
  }
};

Log::Log(std::ostream& out, LogOptions options) : impl_(std::make_unique<Impl>(out, options)) {}
Log::~Log() = default;

void Log::write(LogLevel level, std::string_view msg, const Fields& fields) {
  const std::lock_guard lock(impl_->mutex);
  if (level < impl_->options.level) return;
  std::string line = impl_->options.format == LogFormat::json ? impl_->json_line(level, msg, fields)
                                                              : impl_->text_line(level, msg, fields);
  if (impl_->options.hold) {
    impl_->held.emplace_back(level, std::move(line));
    if (impl_->held.size() > kMostHeldLines) {
      impl_->held.pop_front();
      ++impl_->left_out;
    }
  } else {
    impl_->put(level, line);
  }
}

void Log::flush_held() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->left_out > 0) {
    const std::string text = std::to_string(impl_->left_out) + " earlier lines were not kept";
    impl_->put(LogLevel::warn, impl_->options.format == LogFormat::json
                                   ? impl_->json_line(LogLevel::warn, text, {})
                                   : impl_->text_line(LogLevel::warn, text, {}));
  }
  for (const auto& [level, line] : impl_->held) impl_->put(level, line);
  impl_->held.clear();
  impl_->options.hold = false;
}

void Log::status(std::string_view line) {
  const std::lock_guard lock(impl_->mutex);
  if (line.empty()) impl_->end_status();
  if (line == impl_->status) return;
  const std::size_t before = impl_->status.size();
  const std::string blanks(before > line.size() ? before - line.size() : 0, ' ');
  impl_->stream << "\r" << line << blanks << std::flush;
  impl_->status = line;
}

bool Log::wants(LogLevel level) const { return level >= impl_->options.level && !impl_->options.hold; }

LogFormat Log::format() const { return impl_->options.format; }

std::string Log::bound_json() const {
  const std::lock_guard lock(impl_->mutex);
  std::string members;
  for (const Field& field : impl_->bound())
    members += "," + dump(Json(field.key)) + ":" + dump(to_json(field));
  return printable_json(members);
}

void Log::write_lines(std::string_view lines) {
  const std::lock_guard lock(impl_->mutex);
  impl_->stream.write(lines.data(), static_cast<std::streamsize>(lines.size())).flush();
}

Log::Scope::Scope(Log& log, Fields fields, Reach reach) : log_(log), count_(fields.size()), reach_(reach) {
  const std::lock_guard lock(log_.impl_->mutex);
  Fields& bound = reach == Reach::all_threads ? log_.impl_->bound_everywhere
                                              : log_.impl_->bound_by[std::this_thread::get_id()];
  for (Field& field : fields) bound.push_back(std::move(field));
}

Log::Scope::~Scope() {
  const std::lock_guard lock(log_.impl_->mutex);
  const auto own = log_.impl_->bound_by.find(std::this_thread::get_id());
  Fields& bound = reach_ == Reach::all_threads ? log_.impl_->bound_everywhere : own->second;
  bound.resize(bound.size() - count_, Field{"", ""});
  if (reach_ == Reach::this_thread && bound.empty()) log_.impl_->bound_by.erase(own);
}

}  // namespace am::kernel
