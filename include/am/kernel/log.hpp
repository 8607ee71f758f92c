#pragma once
// The log: one line an event on stderr, JSON when stderr is not a terminal. Never on stdout, which is
// the result's. Field names are frozen (docs/operations.md). Lines are made by a JSON library.

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace am::kernel {

struct Field {
  std::string key;
  std::variant<std::string, std::int64_t, double, bool> value;

  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, std::int64_t v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(std::int64_t{v}) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
};
using Fields = std::vector<Field>;

enum class LogLevel { debug, info, warn, error, off };
enum class LogFormat { json, text };

inline constexpr std::size_t kMostHeldLines = 2000;

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::json;
  /// Keep the last kMostHeldLines lines back; they are written by flush_held(), and only then (`--quiet`).
  bool hold = false;
};

/// Threads: safe from any.
class Log {
 public:
  Log(std::ostream& out, LogOptions options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view msg, const Fields& fields = {}) { write(LogLevel::debug, msg, fields); }
  void info(std::string_view msg, const Fields& fields = {}) { write(LogLevel::info, msg, fields); }
  void warn(std::string_view msg, const Fields& fields = {}) { write(LogLevel::warn, msg, fields); }
  void error(std::string_view msg, const Fields& fields = {}) { write(LogLevel::error, msg, fields); }
  void write(LogLevel level, std::string_view msg, const Fields& fields);
  /// Writes what `hold` kept back.
  void flush_held();

  /// A line that is drawn over itself (a progress bar); "" ends it. A line of the log goes below it, never into it.
  void status(std::string_view line);

  /// For whoever makes very many lines (the access log): whether such a line would be written, the fields that every
  /// line carries now as JSON members (",\"command\":\"…\""), and whole JSON lines, written as they are. Nothing of
  /// it is held back: with `hold` such lines are not wanted.
  bool wants(LogLevel level) const;
  LogFormat format() const;
  std::string bound_json() const;
  void write_lines(std::string_view lines);

  /// Whose lines a scope is about: what a thread works on is its own, the command is everybody's.
  enum class Reach { this_thread, all_threads };
  /// Fields that every line carries while the scope lives (command, workflow, slot, step_name, …).
  /// Threads: it ends on the thread on which it began.
  class Scope {
   public:
    Scope(Log& log, Fields fields, Reach reach = Reach::this_thread);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Log& log_;
    std::size_t count_;
    Reach reach_;
  };

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::kernel
