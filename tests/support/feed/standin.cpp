#include "support/feed/standin.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "support/http_socket.hpp"

namespace am::test {

Standin::Standin(const std::vector<std::string>& options)
    : program_("support/feed", "standin.mjs", "AM_FEED_MODULES", options) {
  endpoint_ = nlohmann::json::parse(program_.ready()).at("endpoint").get<std::string>();
  port_ = std::stoi(endpoint_.substr(endpoint_.rfind(':') + 1));
}

std::map<std::string, std::string> Standin::env() const {
  return {{"NIVODA_ENDPOINT", endpoint_},
          {"NIVODA_USERNAME", std::string(kUser)},
          {"NIVODA_PASSWORD", std::string(kPassword)}};
}

std::string Standin::ask(const std::string& method, const std::string& target,
                         const std::string& body) const {
  HttpSocket socket(port_);
  socket.send(method + " /control" + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto answer = socket.answer();
  if (!answer) throw std::runtime_error("the stand-in did not answer /control" + target);
  if (answer->status != 200)
    throw std::runtime_error("the stand-in refused " + target + body + ": " + answer->body);
  return answer->body;
}

void Standin::control(const std::string& json) const { ask("POST", "", json); }

StandinCounters Standin::counters() const {
  const auto all = nlohmann::json::parse(ask("GET", ""));
  const auto& counters = all.at("counters");
  const auto& kinds = counters.at("kinds");
  StandinCounters out;
  out.requests = counters.at("requests");
  out.login_requests = kinds.at("login");
  out.count_requests = kinds.at("count");
  out.page_requests = kinds.at("page");
  out.most_in_a_second = counters.at("most_in_a_second");
  out.refused_by_rate = counters.at("refused_by_rate");
  out.logins = counters.at("logins");
  out.logins_refused = counters.at("logins_refused");
  out.unauthorized = counters.at("unauthorized");
  out.pages_different = counters.at("pages_different");
  out.pages_again = counters.at("pages_again");
  counters.at("traps").get_to(out.traps);
  out.stones = all.at("stones");
  out.on_sale = all.at("on_sale");
  return out;
}

std::vector<std::string> Standin::ids(const std::string& target) const {
  std::istringstream lines(ask("GET", target));
  std::vector<std::string> out;
  for (std::string line; std::getline(lines, line);) out.push_back(line);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Standin::on_sale() const { return ids("/on-sale"); }

std::vector<std::string> Standin::staying() const { return ids("/staying"); }

std::string Standin::stone(const std::string& id) const { return ask("GET", "/stone/" + id); }

}  // namespace am::test
