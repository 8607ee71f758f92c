// The broker's library, loaded when it is asked for: Proton takes 3 to 6 ms to start.

#include "amqp_library.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <new>

#include <dlfcn.h>

#include "am/base/error.hpp"
#include "am/kernel/version.hpp"

namespace am::kernel {

namespace {

constexpr const char* kName = "libam_amqp.so";
constexpr const char* kSubject = "amqp: ";

/// Where it is installed, and where it is built: beside the program.
std::vector<std::filesystem::path> places() {
  std::error_code unknown;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
  return {folder / ".." / "lib" / "am" / kName, folder / "lib" / "am" / kName};
}

template <class Function>
Function* symbol(void* library, const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr)
    throw Error(ErrorKind::config, std::string(kSubject) + kName + " has no " + name, "install am anew");
  return function;
}

}  // namespace

AmqpBroker* load_amqp_library(std::span<const std::filesystem::path> places) {
  std::error_code unknown;
  const auto place =
      std::ranges::find_if(places, [&](const auto& each) { return std::filesystem::exists(each, unknown); });
  if (place == places.end())
    throw Error(ErrorKind::config, std::string(kSubject) + kName + " is not installed",
                "build am where libqpid-proton-cpp12-dev is installed, or let the queue be in PostgreSQL");
  void* library = dlopen(place->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    if (why != nullptr && std::strstr(why, "Cannot allocate memory") != nullptr) throw std::bad_alloc();
    throw Error(ErrorKind::config,
                std::string(kSubject) + kName + " cannot be loaded: " + (why == nullptr ? "unknown" : why),
                "apt-get install libqpid-proton-cpp12");
  }
  const std::string_view theirs = symbol<AmqpVersion>(library, "am_amqp_version")();
  if (theirs != version())
    throw Error(ErrorKind::config,
                std::string(kSubject) + kName + " is version " + std::string(theirs) + " (expected " +
                    std::string(version()) + ")",
                "install am anew");
  return symbol<AmqpBroker>(library, "am_amqp_broker");
}

std::unique_ptr<Broker> load_broker(const BrokerOptions& options) {
  static AmqpBroker* const kMake = load_amqp_library(places());
  std::unique_ptr<Broker> broker(kMake(options));
  if (broker == nullptr) throw std::bad_alloc();
  return broker;
}

}  // namespace am::kernel
