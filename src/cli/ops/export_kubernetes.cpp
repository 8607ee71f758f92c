// Kubernetes manifests: a CronJob per schedule, an Indexed Job and a KEDA ScaledJob per queue, the migration as a Job of
// its own, the server, and who may talk to whom. They read Secrets as files, and one
// ConfigMap.

#include <algorithm>

#include "am/base/exit_code.hpp"
#include "am/base/text.hpp"
#include "manifests.hpp"
#include "schedules.hpp"

namespace am::cli {

namespace {

/// Codes that an immediate second attempt of the same pod can change; the others end the Job, and the next firing, or a
/// person, goes on. None is ignored: only pods that the cluster itself took away are.
bool worth_another_pod(ExitCode code) {
  return code == ExitCode::unavailable || code == ExitCode::interrupted || code == ExitCode::terminated;
}

std::string codes(bool another_pod) {
  std::string list;
  for (const ExitCodeInfo& info : exit_codes()) {
    if (info.code == ExitCode::ok || worth_another_pod(info.code) != another_pod) continue;
    list += (list.empty() ? "" : ", ") + std::to_string(static_cast<int>(info.code));
  }
  return "[" + list + "]";
}

/// final: what a code does that no second attempt changes. no_conditions: KEDA's CRD wants a list of conditions on every
/// rule, if only an empty one.
std::string failure_policy(const std::string& final, bool no_conditions) {
  const std::string conditions = no_conditions ? "      onPodConditions: []\n" : "";
  return "podFailurePolicy:\n"
         "  rules:\n"
         "    - action: " +
         final +
         "\n"
         "      onExitCodes:\n"
         "        containerName: am\n"
         "        operator: In\n"
         "        values: " +
         codes(false) + "\n" + conditions +
         "    - action: Count\n"
         "      onExitCodes:\n"
         "        containerName: am\n"
         "        operator: In\n"
         "        values: " +
         codes(true) + "\n" + conditions +
         "    - action: Ignore\n"
         "      onPodConditions:\n"
         "        - type: DisruptionTarget\n"
         "          status: \"True\"\n";
}

struct Pod {
  std::string arguments;  ///< a YAML list
  std::string restart;    ///< restartPolicy; empty: none is written
  std::string secret = "am-secrets";
  std::string more = {};  ///< of the container: ports, probes
  std::string environment = {};
  int memory_mb = 256;
  bool namespaces = false;  ///< makes some for what it runs
};

/// The part below `spec:` of a pod.
std::string pod(const Pod& of, const ExportOptions& options) {
  return std::string("automountServiceAccountToken: false\n") +
         (of.restart.empty() ? "" : "restartPolicy: " + of.restart + "\n") +
         "securityContext:\n"
         "  runAsNonRoot: true\n"
         "  runAsUser: 10001\n"
         "  runAsGroup: 10001\n"
         "  fsGroup: 10001\n" +
         (of.namespaces
              ? "  # What it runs in a sandbox of its own needs namespaces, which a runtime's default profiles forbid; with\n"
                "  # Landlock instead it needs neither of these.\n"
                "  seccompProfile:\n    type: Unconfined\n  appArmorProfile:\n    type: Unconfined\n"
              : "  seccompProfile:\n    type: RuntimeDefault\n") +
         "containers:\n"
         "  - name: am\n"
         "    image: " +
         options.image +
         "\n"
         "    args: " +
         of.arguments +
         "\n"
         "    env:\n"
         "      - name: AM_CONFIG\n"
         "        value: /etc/am/am.toml\n"
         "      - name: CREDENTIALS_DIRECTORY\n"
         "        value: /run/secrets/am\n" +
         yaml_indented(of.environment, 6) + yaml_indented(of.more, 4) +
         "    resources:\n"
         "      requests:\n"
         "        cpu: 50m\n"
         "        memory: 64Mi\n"
         "      limits:\n"
         "        cpu: \"1\"\n"
         "        memory: " +
         std::to_string(of.memory_mb) +
         "Mi\n"
         "    securityContext:\n"
         "      allowPrivilegeEscalation: false\n"
         "      readOnlyRootFilesystem: true\n"
         "      capabilities:\n"
         "        drop: [ALL]\n"
         "    volumeMounts:\n"
         "      - name: config\n"
         "        mountPath: /etc/am\n"
         "        readOnly: true\n"
         "      - name: secrets\n"
         "        mountPath: /run/secrets/am\n"
         "        readOnly: true\n"
         "volumes:\n"
         "  - name: config\n"
         "    configMap:\n"
         "      name: am-config\n"
         "  - name: secrets\n"
         "    secret:\n"
         "      secretName: " +
         of.secret +
         "\n"
         "      defaultMode: 288 # 0440\n";
}

std::string pod_template(const std::string& name, const Pod& of, const ExportOptions& options) {
  return "template:\n  metadata:\n    labels:\n      app.kubernetes.io/name: am\n"
         "      app.kubernetes.io/component: " +
         name + "\n  spec:\n" + yaml_indented(pod(of, options), 4);
}

/// "due --run" → ["due", "--run"].
std::string arguments(std::string_view call) {
  std::string list;
  for (const std::string& word : split(call, ' ')) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return "[" + list + "]";
}

/// How a Job goes on after a pod that failed.
struct Retries {
  std::string limit = "backoffLimit: 3";
  std::string final = "FailJob";
  bool no_conditions = false;
};

/// The spec of a Job that runs one command to its end.
std::string job_spec(const std::string& name, const kernel::Schedule& schedule, const ExportOptions& options,
                     const Retries& retries = {}) {
  return retries.limit + "\nactiveDeadlineSeconds: " + std::to_string(schedule.limit.count()) +
         "\nttlSecondsAfterFinished: 86400\n" + failure_policy(retries.final, retries.no_conditions) +
         pod_template(name,
                      {.arguments = arguments(schedule.call),
                       .restart = "Never",
                       .memory_mb = schedule.memory_mb,
                       .namespaces = needs_namespaces(schedule, options)},
                      options);
}

/// The lines that the tick does without, as a list for people: "am-run-weekly and am-checkpoint".
std::string lines_of(const ExportOptions& options) {
  std::vector<std::string> names;
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->kind == kernel::ScheduleKind::job) names.push_back("am-" + std::string(schedule->name));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

std::string choice_of(const kernel::Schedule& schedule, const ExportOptions& options) {
  const std::string lines = lines_of(options);
  if (schedule.kind == kernel::ScheduleKind::tick && !lines.empty())
    return "# Either this one, or " + lines + ".\n";
  if (schedule.kind == kernel::ScheduleKind::job)
    return "# Instead of am-due, which does the same by itself.\n";
  if (schedule.kind == kernel::ScheduleKind::worker)
    return "# Or am-" + std::string(schedule.name) + "-scaled where KEDA is installed.\n";
  return "";
}

ExportedFile cron_job(const kernel::Schedule& schedule, const ExportOptions& options) {
  const std::string name = "am-" + std::string(schedule.name);
  return {
      name + ".yaml",
      std::string(kManifestOrigin) + "# " + std::string(schedule.remark) + "\n" +
          choice_of(schedule, options) + yaml_head("batch/v1", "CronJob", name) + "spec:\n  schedule: \"" +
          kernel::cron_fields(schedule.table, kernel::CronZone::new_york) +
          "\"\n  timeZone: America/New_York\n  concurrencyPolicy: " +
          (schedule.overlaps ? "Allow # the next one begins before the last one has let go\n" : "Forbid\n") +
          "  startingDeadlineSeconds: 3600\n  successfulJobsHistoryLimit: 3\n"
          "  failedJobsHistoryLimit: 5\n  jobTemplate:\n    spec:\n" +
          yaml_indented(job_spec(name, schedule, options), 6)};
}

/// The secrets that the jobs need, as arguments of kubectl.
std::string secret_files(const ExportOptions& options) {
  std::vector<std::string> names = {"DATABASE_URL"};
  for (const kernel::Schedule* schedule : options.schedules) {
    for (const std::string_view name : schedule->secrets) {
      if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i > 0 && i % 2 == 0 ? " \\\n#     --from-file=" : " --from-file=") + names[i];
  return text;
}

ExportedFile config(const ExportOptions& options) {
  return {
      "am-config.yaml",
      std::string(kManifestOrigin) +
          "# Settings that are no secrets; every key: examples/am.toml. The secrets are files of the Secret\n"
          "# am-secrets, named as their variables, and of am-secrets-readonly for the server:\n"
          "#   kubectl create secret generic am-secrets" +
          secret_files(options) +
          "\n#   kubectl create secret generic am-secrets-readonly --from-file=DATABASE_URL\n" +
          yaml_head("v1", "ConfigMap", "am-config") +
          "data:\n  am.toml: |\n    [log]\n    # level = \"info\"\n"};
}

ExportedFile migrate(const ExportOptions& options) {
  return {
      "am-migrate.yaml",
      std::string(kManifestOrigin) +
          "# Before the first start and before each new version: look with `am migrate --dry-run`, approve, then\n"
          "#   kubectl replace --force -f am-migrate.yaml && kubectl wait --for=condition=complete job/am-migrate\n"
          "# am-secrets-migrate holds the DATABASE_URL of the role that owns the schema. Until it has run, the other\n"
          "# commands of a new version refuse to work (78).\n" +
          yaml_head("batch/v1", "Job", "am-migrate") +
          "spec:\n  backoffLimit: 0\n  activeDeadlineSeconds: 1800\n" +
          yaml_indented(
              pod_template(
                  "am-migrate",
                  {.arguments = arguments("migrate"), .restart = "Never", .secret = "am-secrets-migrate"},
                  options),
              2)};
}

std::string probe(const std::string& kind, const std::string& path, int period, int failures) {
  return kind + ":\n  httpGet:\n    path: " + path +
         "\n    port: http\n  periodSeconds: " + std::to_string(period) +
         "\n  failureThreshold: " + std::to_string(failures) + "\n";
}

std::string connect_probe(const std::string& kind, int period, int failures) {
  return kind + ":\n  tcpSocket:\n    port: http\n  periodSeconds: " + std::to_string(period) +
         "\n  failureThreshold: " + std::to_string(failures) + "\n";
}

ExportedFile server(const kernel::Schedule& schedule, const ExportOptions& options) {
  const std::string name = "am-" + std::string(schedule.name);
  const std::string port = std::to_string(schedule.port);
  Pod of{.arguments = arguments(schedule.call),
         .restart = "",
         .secret = schedule.writes ? "am-secrets" : "am-secrets-readonly",
         .memory_mb = schedule.memory_mb};
  of.more = "ports:\n  - name: http\n    containerPort: " + port + "\n";
  // What writes may wait for the database, and is not to be killed for it.
  of.more += schedule.writes
                 ? connect_probe("startupProbe", 1, 30) + connect_probe("livenessProbe", 10, 3) +
                       probe("readinessProbe", "/health", 5, 2)
                 : probe("startupProbe", "/livez", 1, 30) + probe("livenessProbe", "/livez", 10, 3) +
                       probe("readinessProbe", "/readyz", 5, 2);
  if (!schedule.listen_variable.empty())
    of.environment =
        "- name: " + std::string(schedule.listen_variable) + "\n  value: \"0.0.0.0:" + port + "\"\n";
  const std::string remark = schedule.writes
                                 ? "# " + std::string(schedule.remark) + "\n"
                                 : "# The read-only API and its pages, for a role that has only SELECT.\n";
  return {name + ".yaml",
          std::string(kManifestOrigin) + remark + yaml_head("apps/v1", "Deployment", name) +
              (schedule.writes ? "spec:\n  replicas: 1\n" : "spec:\n  replicas: 2\n") +
              "  selector:\n    matchLabels:\n      app.kubernetes.io/component: " + name +
              (schedule.writes
                   ? "\n  strategy:\n    type: Recreate\n"
                   : "\n  strategy:\n    rollingUpdate:\n      maxUnavailable: 0\n      maxSurge: 1\n") +
              yaml_indented(pod_template(name, of, options) + "    terminationGracePeriodSeconds: 20\n", 2) +
              "---\n" + yaml_head("v1", "Service", name) +
              "spec:\n  selector:\n    app.kubernetes.io/component: " + name +
              "\n  ports:\n    - name: http\n      port: " + (schedule.writes ? port : "80") +
              "\n      targetPort: http\n"};
}

ExportedFile indexed_job(const kernel::Schedule& schedule, const ExportOptions& options) {
  const std::string name = "am-" + std::string(schedule.name) + "-many";
  const std::string pods = std::to_string(schedule.most);
  return {
      name + ".yaml",
      std::string(kManifestOrigin) +
          "# Several pods drain one queue until it is empty; each item is done once, whoever gets it. A pod that ends early,\n"
          "# busy or deferred, ends its own index and no other (Kubernetes 1.29 or later). Again:\n"
          "#   kubectl replace --force -f " +
          name + ".yaml\n" + yaml_head("batch/v1", "Job", name) +
          "spec:\n  completionMode: Indexed\n  completions: " + pods + "\n  parallelism: " + pods + "\n" +
          yaml_indented(
              job_spec(name, schedule, options, {.limit = "backoffLimitPerIndex: 3", .final = "FailIndex"}),
              2)};
}

ExportedFile scaled_job(const kernel::Schedule& schedule, const ExportOptions& options) {
  const std::string name = "am-" + std::string(schedule.name) + "-scaled";
  return {name + ".yaml",
          std::string(kManifestOrigin) + "# Instead of am-" + std::string(schedule.name) +
              " where KEDA is installed: pods start when items are ready, and more of them when there are\n"
              "# many. KEDA reads DATABASE_URL itself, by a role that may SELECT.\n" +
              yaml_head("keda.sh/v1alpha1", "TriggerAuthentication", name) +
              "spec:\n  secretTargetRef:\n    - parameter: connection\n      name: am-secrets-readonly\n"
              "      key: DATABASE_URL\n---\n" +
              yaml_head("keda.sh/v1alpha1", "ScaledJob", name) + "spec:\n  pollingInterval: 30\n" +
              (schedule.least > 0 ? "  minReplicaCount: " + std::to_string(schedule.least) + "\n" : "") +
              "  maxReplicaCount: " + std::to_string(schedule.most) +
              "\n  successfulJobsHistoryLimit: 3\n  failedJobsHistoryLimit: 5\n  jobTargetRef:\n" +
              yaml_indented(job_spec(name, schedule, options, {.no_conditions = true}), 4) +
              "  triggers:\n    - type: postgresql\n      metadata:\n        targetQueryValue: \"" +
              std::to_string(schedule.items_each) + "\"\n        query: >-\n          SELECT count(*) FROM " +
              std::string(schedule.queue) +
              "\n          WHERE status IN ('queued', 'running') AND ready_at <= now()\n"
              "      authenticationRef:\n        name: " +
              name + "\n"};
}

}  // namespace

std::vector<ExportedFile> export_kubernetes(const ExportOptions& options) {
  std::vector<ExportedFile> files = {config(options), network_policies(options), migrate(options)};
  for (const kernel::Schedule* schedule : options.schedules) {
    if (schedule->kind == kernel::ScheduleKind::server) {
      files.push_back(server(*schedule, options));
      continue;
    }
    files.push_back(cron_job(*schedule, options));
    if (schedule->queue.empty()) continue;
    files.push_back(indexed_job(*schedule, options));
    files.push_back(scaled_job(*schedule, options));
  }
  return files;
}

}  // namespace am::cli
