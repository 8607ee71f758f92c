// Network policies, and what all manifests begin with.

#include "am/base/text.hpp"
#include "manifests.hpp"

namespace am::cli {

namespace {

/// Who may talk to a server that moves something: our own pods.
std::string policies_of(const kernel::Schedule& schedule) {
  const std::string name = "am-" + std::string(schedule.name);
  const std::string of_it = "        matchLabels:\n          app.kubernetes.io/component: " + name + "\n";
  const std::string of_ours = "        matchLabels:\n          app.kubernetes.io/name: am\n";
  return "---\n# Our own pods reach " + name + ", and nobody else.\n" +
         yaml_head("networking.k8s.io/v1", "NetworkPolicy", name) +
         "spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/component: " + name +
         "\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n      - podSelector:\n" +
         yaml_indented(of_ours, 4) + "      ports:\n        - protocol: TCP\n          port: http\n---\n" +
         yaml_head("networking.k8s.io/v1", "NetworkPolicy", name + "-clients") +
         "spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: am\n  policyTypes: [Egress]\n  egress:\n"
         "    - to:\n      - podSelector:\n" +
         yaml_indented(of_it, 4) +
         "      ports:\n        - protocol: TCP\n          port: " + std::to_string(schedule.port) + "\n";
}

}  // namespace

std::string yaml_indented(const std::string& text, std::size_t columns) {
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) out += std::string(columns, ' ') + line + "\n";
  }
  return out;
}

std::string yaml_head(const std::string& api, const std::string& kind, const std::string& name) {
  return "apiVersion: " + api + "\nkind: " + kind + "\nmetadata:\n  name: " + name +
         "\n  labels:\n    app.kubernetes.io/name: am\n    app.kubernetes.io/component: " + name + "\n";
}

ExportedFile network_policies(const ExportOptions& options) {
  const std::string tcp = "    - ports:\n        - protocol: TCP\n          port: ";
  std::string of_servers;
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->kind == kernel::ScheduleKind::server && schedule->writes)
      of_servers += policies_of(*schedule);
  }
  return {
      "am-network.yaml",
      std::string(kManifestOrigin) +
          "# Whom the pods may reach and who may reach them, where the cluster's network enforces policies. All pods ask for\n"
          "# names (53) and the database (5432: change that for a pooler's or another port); nobody reaches them.\n" +
          yaml_head("networking.k8s.io/v1", "NetworkPolicy", "am") +
          "spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: am\n"
          "  policyTypes: [Ingress, Egress]\n  ingress: []\n  egress:\n" +
          tcp + "53\n        - protocol: UDP\n          port: 53\n" + tcp +
          "5432\n---\n# The jobs also ask vendors, send mail and ping. Add the port of whatever is configured to be elsewhere than\n"
          "# on 443.\n" +
          yaml_head("networking.k8s.io/v1", "NetworkPolicy", "am-vendors") +
          "spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: am\n    matchExpressions:\n"
          "      - key: app.kubernetes.io/component\n        operator: NotIn\n"
          "        values: [am-migrate, am-serve-readonly]\n  policyTypes: [Egress]\n  egress:\n" +
          tcp +
          "443\n---\n# The API and its pages. Name the pods of your ingress under `from` to let nobody else in.\n" +
          yaml_head("networking.k8s.io/v1", "NetworkPolicy", "am-serve-readonly") +
          "spec:\n  podSelector:\n    matchLabels:\n      app.kubernetes.io/component: am-serve-readonly\n"
          "  policyTypes: [Ingress]\n  ingress:\n" +
          tcp + "http\n" + of_servers};
}

}  // namespace am::cli
