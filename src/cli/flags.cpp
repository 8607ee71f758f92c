#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "am/base/text.hpp"
#include "am/cli/command.hpp"

namespace am::cli {

void check_value(const std::string& name, const std::string& value) {
  if (value.empty()) throw Error(ErrorKind::usage, name + ": its value is empty");
  if (value.size() > kMostValue) {
    throw Error(ErrorKind::usage, name + " " + ellipsize(value, 40) + ": too long (expected at most " +
                                      std::to_string(kMostValue) + " bytes, got " +
                                      std::to_string(value.size()) + ")");
  }
}

namespace {

CLI::Option* add(CLI::App& app, const std::string& name, const std::string& value, const std::string& help,
                 std::function<void(const std::string&)> take) {
  const auto checked = [name, take = std::move(take)](const std::string& text) {
    check_value(name, text);
    take(text);
  };
  return app.add_option_function<std::string>(name, checked, help)->type_name(value);
}

}  // namespace

void Flags::on(const std::string& name, bool& into, const std::string& help) {
  app_.add_flag(name, into, help)->disable_flag_override();
}

void Flags::text(const std::string& name, std::optional<std::string>& into, const std::string& value,
                 const std::string& help) {
  add(app_, name, value, help, [&into](const std::string& text) { into = text; });
}

void Flags::date(const std::string& name, std::optional<Date>& into, const std::string& help) {
  add(app_, name, "DATE", help, [&into, name](const std::string& text) {
    into = Date::parse(text);
    if (!into)
      throw Error(ErrorKind::usage, name + " " + ellipsize(text, 40) + ": not a date (expected YYYY-MM-DD)");
  });
}

void Flags::integer(const std::string& name, std::optional<int>& into, int low, int high,
                    const std::string& help) {
  add(app_, name, "N", help, [&into, name, low, high](const std::string& text) {
    const auto number = parse_integer(text, low, high);
    if (!number) {
      throw Error(ErrorKind::usage, name + " " + ellipsize(text, 40) + ": expected a whole number from " +
                                        std::to_string(low) + " to " + std::to_string(high));
    }
    into = static_cast<int>(*number);
  });
}

void Flags::word(const std::string& name, std::string& into, const std::string& help) {
  const auto take = [&into, name](const std::string& text) {
    check_value(name, text);
    into = text;
  };
  app_.add_option_function<std::string>(name, take, help)->required();
}

void Flags::words(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  app_.add_option(name, into, help);
  // From here on no word is a second command.
  app_.preparse_callback([this_app = &app_](std::size_t) {
    for (CLI::App* app = this_app->get_parent(); app != nullptr; app = app->get_parent())
      app->require_subcommand(0, 1);
  });
}

}  // namespace am::cli
