// No secret is in any output or row: canaries in every secret, and vendors that repeat what they were sent.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/kernel/config.hpp"
#include "cli/config_table.hpp"
#include "support/am_process.hpp"
#include "support/served.hpp"

namespace am::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;
using Answer = LoopbackServer::Answer;
using Request = LoopbackServer::Request;

const std::string kTree = AM_SOURCE_DIR;
const std::string kSecretsNow = kDeskNow;

std::string canary(const std::string& name) { return "canary5417" + name; }

/// What `ps` shows of all processes, a line each.
std::string process_list() {
  std::string list;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);  // gone already: an empty line
    list.append(std::istreambuf_iterator<char>(file), {});
    list += '\n';
  }
  return list;
}

/// A server that repeats what it was sent, as careless ones do.
Answer parrot(const Request& request) {
  Answer answer;
  const auto header = request.headers.find("authorization");
  const std::string said = request.target + " " + (header == request.headers.end() ? "" : header->second);
  if (request.method == "POST") {
    answer.status = 401;
    answer.body =
        Json{{"error", {{"message", "Incorrect API key provided: " + said}, {"code", "invalid_api_key"}}}}
            .dump();
  } else {
    answer.body = Json{{"Information", "We have detected your API key as " + said +
                                           " and our rate limit is 25 requests per day"}}
                      .dump();
  }
  return answer;
}

/// A server that answers well and puts what it was sent into the values: a reasoning, a close, a header, an error.
Answer echo(const Request& request) {
  Answer answer = vendors(request);
  const auto header = request.headers.find("authorization");
  if (request.target == "/emails") {
    answer = {.status = 500, .headers = {}, .body = header->second};
  } else if (request.method == "POST") {
    const auto at = answer.body.find(R"(\"reasoning\":\"a\")");
    answer.body.insert(at + 16, header->second + " as you say ");
    answer.headers = {{"x-request-id", header->second}};
  } else {
    answer.body.replace(answer.body.find("2026-01-27"), 10, "2026-01-30");
    if (request.target.find("symbol=SPY&") != std::string::npos) return answer;
    const std::string key = request.target.substr(request.target.find("apikey=") + 7);
    for (auto at = answer.body.find("101.5"); at != std::string::npos; at = answer.body.find("101.5"))
      answer.body.replace(at, 5, key);
  }
  return answer;
}

class Canary : public testing::TestWithParam<bool> {};

TEST_P(Canary, IsInNoOutputAndNoRow) {
  const bool in_files = GetParam();
  const TestDb home;
  Directory directory;
  LoopbackServer good(vendors);
  std::mutex mutex;
  std::string processes;  // while a command is at work
  LoopbackServer careless([&](const Request& request) {
    const std::scoped_lock lock(mutex);
    processes += process_list();
    return parrot(request);
  });
  auto env = vendor_env(home, good);
  env["LOG_LEVEL"] = "debug";
  env["AM_RETRY_BASE_MS"] = "0";
  env["AM_RETRY_CAP_MS"] = "0";
  env.erase("OPENAI_API_KEY");
  env.erase("ALPHA_VANTAGE_API_KEY");
  env["DATABASE_URL"] = home.url() + "&password=" + canary("DATABASE_URL");
  for (const kernel::ConfigKey& key : cli::config_table().keys()) {
    const std::string name(key.env);
    if (key.type != kernel::KeyType::secret || name.empty()) continue;
    const std::string value =
        name == "DATABASE_URL"         ? env[name]
        : name.starts_with("AM_PING_") ? careless.url() + "/" + canary(name)
        : name == "AZURE_SERVICE_BUS_CONNECTION_STRING"
            ? "Endpoint=sb://127.0.0.1:1/;SharedAccessKeyName=n;SharedAccessKey=" + canary(name)
            : canary(name);
    env.erase(name);
    if (in_files) {
      env[name + "_FILE"] = directory.file(name, value + "\n");
    } else {
      env[name] = value;
    }
  }
  env["RESEND_BASE_URL"] = careless.url();
  env["ALERT_EMAIL_TO"] = "desk@example.org";
  env["ALERT_EMAIL_FROM"] = "am@example.org";
  env["TRACEPARENT"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto bad = env;
  bad["OPENAI_BASE_URL"] = careless.url() + "/v1";
  bad["ALPHA_VANTAGE_BASE_URL"] = careless.url();
  LoopbackServer echoing(echo);
  auto echoed = env;
  echoed["OPENAI_BASE_URL"] = echoing.url() + "/v1";
  echoed["ALPHA_VANTAGE_BASE_URL"] = echoing.url();
  echoed["RESEND_BASE_URL"] = echoing.url();
  auto away = env;
  away.erase("DATABASE_URL_FILE");
  away["DATABASE_URL"] = "postgresql://am:" + canary("DATABASE_URL") + "@127.0.0.1:1/am";
  auto malformed = away;
  malformed["DATABASE_URL"] = "postgresql://am:" + canary("DATABASE") + "@_URL/x@127.0.0.1:1:2/am";
  auto no_server = env;
  no_server["ALPHA_VANTAGE_BASE_URL"] = "http://127.0.0.1:" + std::to_string(LoopbackServer::closed_port());
  const std::string file = "file:" + kTree + "/tests/fixtures/desk/picks.json";

  struct Call {
    std::map<std::string, std::string> env;
    std::vector<std::string> args;
    int exit;
  };
  const std::vector<Call> calls = {
      {env, {"config", "show", "--origin"}, 0},
      {env, {"config", "show", "-o", "json"}, 0},
      {env, {"config", "check"}, 0},
      {bad, {"run-weekly", "--now", kSecretsNow}, 77},
      {bad, {"run-weekly", "--now", kSecretsNow, "-o", "json"}, 77},
      {bad, {"run-weekly", "--now", kSecretsNow, "--picker", file, "--max-wait", "0"}, 75},
      {no_server, {"run-weekly", "--run-date", "2026-01-19", "--now", kSecretsNow, "--picker", file}, 75},
      {env, {"run-weekly", "--now", kSecretsNow, "--max-wait", "0"}, 75},
      {away, {"report"}, 69},
      {away, {"report", "-o", "json"}, 69},
      {malformed, {"report"}, 78},
      {env, {"report"}, 0},
      {env, {"runs", "list", "-o", "json"}, 0},
      {env, {"verify", "data"}, 0},
      {env, {"migrate", "status"}, 0},
      {env, {"checkpoint", "--batch", "latest", "--day", "1"}, 66},
      {env, {"report", "--form", "x"}, 64},
      {bad, {"run-weekly"}, 77},  // in earnest: it pings, and tells of its failure
      {bad, {"due", "--run"}, 0},
      {env, {"limits", "resume", "alpha_vantage"}, 0},
      {echoed, {"run-weekly", "--now", "2026-02-02T14:05:00Z"}, 65},  // the picks are taken, a close is not
      {echoed, {"runs", "list", "-o", "json"}, 0},
      {echoed, {"alert", "test"}, 69},
      {env, {"due"}, 0},
      {env, {"alert", "test"}, 77},
      {env, {"alert", "unit", "am-due.service"}, 77},
      {env, {"ping", "test"}, 0},
      {env, {"status"}, 0},
      {env, {"status", "-o", "json"}, 0},
      {env, {"metrics"}, 0},
      {env, {"events", "-o", "json"}, 0},
      {env, {"locks", "list", "-o", "json"}, 0},
      {env, {"limits", "show"}, 0},
      {env, {"doctor"}, in_files ? 10 : 0},  // the files of this test may be read by others
      {env, {"doctor", "-o", "json"}, in_files ? 10 : 0},
      {away, {"doctor"}, 10},
      {env, {"status", "--check", "-o", "json"}, 10},
      {away, {"doctor", "--offline", "--quiet"}, 10},
      {malformed, {"doctor", "--offline"}, 10},
  };
  for (const Call& call : calls) {
    const Finished done = am(call.args, call.env);
    EXPECT_EQ(done.exit, call.exit) << call.args.front() << ": " << done.err;
    EXPECT_THAT(done.out + done.err, Not(HasSubstr("canary5417"))) << call.args.front();
  }
  EXPECT_FALSE(careless.requests().empty()) << "the keys were never in danger";
  EXPECT_FALSE(echoing.requests().empty());
  {
    Served served(env);
    EXPECT_THAT(served.get("/events").body, HasSubstr("is not a number")) << "the vendor's value is shown";
    for (const char* page : {"/events", "/pages/status", "/pages/batches", "/", "/metrics"})
      EXPECT_THAT(served.get(page).body, Not(HasSubstr("canary5417"))) << page;
    EXPECT_THAT(served.end().err, Not(HasSubstr("canary5417")));
  }
  EXPECT_THAT(processes, HasSubstr("run-weekly"));
  EXPECT_THAT(processes, Not(HasSubstr("canary5417")));
  const auto db = home.open();
  EXPECT_THAT(value_of(*db, "SELECT output::text FROM ops.steps WHERE output::text LIKE '%as you say%'"),
              HasSubstr("Bearer *** as you say"))
      << "what the model said is kept, without the key";
  for (const char* table :
       {"ops.runs", "ops.steps", "ops.events", "ops.effects", "ops.rate_limits", "ops.batch_origin"}) {
    EXPECT_EQ(
        value_of(*db, "SELECT count(*) FROM " + std::string(table) + " t WHERE t::text LIKE '%canary5417%'"),
        "0")
        << table;
  }
}

INSTANTIATE_TEST_SUITE_P(Secrets, Canary, testing::Bool(),
                         [](const auto& one) { return one.param ? "InFiles" : "InVariables"; });

}  // namespace
}  // namespace am::test
