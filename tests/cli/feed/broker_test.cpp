// `am feed work --queue amqp` as a process: over RabbitMQ beside workers that know only Postgres, and over a Service Bus
// whose own client takes what am sent and sends what am works.

#include <nlohmann/json.hpp>

#include "feed_work_bed.hpp"
#include "support/feed/servicebus.hpp"
#include "support/rabbitmq.hpp"

namespace am::test {
namespace {

using nlohmann::json;

class FeedAmqp : public FeedWorkBed {
 protected:
  static std::map<std::string, std::string> over(std::map<std::string, std::string> env,
                                                 const std::string& broker) {
    env["AZURE_SERVICE_BUS_CONNECTION_STRING"] = broker;
    return env;
  }

  void expect_all_done() {
    EXPECT_EQ(value("SELECT concat(status, ' ', completed_workers, ' ', decisions) FROM feed.run_metadata"),
              "settled 3 1");
    EXPECT_EQ(value("SELECT count(*) FROM feed.raw_diamonds_nivoda"), "900");
    EXPECT_EQ(value("SELECT sum(new) FROM feed.pages"), "900");
    EXPECT_EQ(value("SELECT DISTINCT concat(status, ' ', attempts) FROM feed.partition_progress"), "done 1");
  }
};

TEST_F(FeedAmqp, WorkersOverABrokerAndWithoutShareTheRows) {
  RabbitMq rabbit;
  const std::string broker = rabbit.url(RabbitMq::new_queue());
  plan();
  const auto by_broker = over(env(), broker);
  std::vector<std::unique_ptr<Process>> workers;
  for (const bool amqp : {true, false, true, false})
    workers.push_back(
        std::make_unique<Process>(am_command({"feed", "work", "--queue", amqp ? "amqp" : "postgres"}),
                                  ProcessOptions{.env = amqp ? by_broker : env()}));
  for (const auto& worker : workers) {
    const Finished done = worker->wait();
    EXPECT_EQ(done.exit, 0) << done.err;
    EXPECT_EQ(done.err.find("guest:guest"), std::string::npos);
  }
  expect_all_done();
  EXPECT_EQ(standin_.counters().page_requests, std::stoll(value("SELECT count(*) FROM feed.pages")));
  // What the others' partitions left in the broker is used up, and stands for nothing.
  EXPECT_EQ(am({"feed", "work", "--queue", "amqp"}, by_broker).out, "no partition is ready\n");
}

TEST_F(FeedAmqp, ServiceBusUnderstandsBothWays) {
  const ServiceBus bus;
  const auto by_bus = over(env(), bus.connection_string());
  plan();
  const Finished one = am({"feed", "work", "--queue", "amqp", "--max-partitions", "1"}, by_bus);
  ASSERT_EQ(one.exit, 0) << one.err;
  ASSERT_EQ(value("SELECT count(*) FROM feed.partition_progress WHERE status = 'done'"), "1");

  // The other two are there, as JSON; whoever takes them has used them up.
  const std::vector<std::string> sent = bus.client({"receive", "work-items", "9"});
  ASSERT_EQ(sent.size(), 2);
  std::string lines;
  for (const std::string& line : sent) {
    const json message = json::parse(line);
    const json& body = message.at("body");
    EXPECT_EQ(message.at("contentType"), "application/json");
    EXPECT_EQ(body.at("runId"), value("SELECT run_id FROM feed.run_metadata"));
    EXPECT_EQ(
        value("SELECT payload = '" + body.dump() + "' FROM feed.partition_progress WHERE partition_id = '" +
              body.at("partitionId").get<std::string>() + "'"),
        "t");
    lines += body.dump() + "\n";
  }
  EXPECT_EQ(am({"feed", "work", "--queue", "amqp", "--max-wait", "1"}, by_bus).exit, 69)
      << "rows are ready, and nothing rings for them";

  // That client sends them itself, and something that is no partition.
  bus.client({"send", "work-items", "-"}, files_.file("partitions", lines));
  bus.client({"send", "work-items", "1"});
  const Finished rest = am({"feed", "work", "--queue", "amqp"}, by_bus);
  EXPECT_EQ(rest.exit, 0) << rest.err;
  expect_all_done();
  const std::vector<std::string> dead = bus.client({"dead", "work-items", "9"});
  ASSERT_EQ(dead.size(), 1);
  EXPECT_EQ(json::parse(dead[0]).at("body"), json({{"n", 0}}));
  EXPECT_EQ(
      value(
          "SELECT string_agg(concat_ws(' | ', data->>'queue', data->>'reason', data->>'body'), ', ') FROM ops.events "
          "WHERE kind = 'message_rejected'"),
      "partitions | it names no item | {\"n\":0}");
  EXPECT_EQ(bus.client({"receive", "work-items", "9"}), std::vector<std::string>{});
}

}  // namespace
}  // namespace am::test
