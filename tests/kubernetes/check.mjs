// Every document of the manifests against the schema of its kind, as generated from Kubernetes' OpenAPI description and
// KEDA's CRDs (npm: kubernetes-models, @kubernetes-models/keda): the validators know types, enumerations and what is
// required; the type declarations, checked by TypeScript, know which fields exist at all.
//
//   node check.mjs MODULES FILE...          prints file: problem for each finding, exits 1 if there is one
//   node check.mjs MODULES --self-test      proves that each check can fail

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const yaml = require("yaml");
const ts = require("typescript");

const MODELS = {
  "batch/v1/CronJob": ["kubernetes-models/batch/v1/CronJob", "CronJob"],
  "batch/v1/Job": ["kubernetes-models/batch/v1/Job", "Job"],
  "apps/v1/Deployment": ["kubernetes-models/apps/v1/Deployment", "Deployment"],
  "v1/Service": ["kubernetes-models/v1/Service", "Service"],
  "networking.k8s.io/v1/NetworkPolicy": ["kubernetes-models/networking.k8s.io/v1/NetworkPolicy", "NetworkPolicy"],
  "v1/ConfigMap": ["kubernetes-models/v1/ConfigMap", "ConfigMap"],
  "keda.sh/v1alpha1/ScaledJob": ["@kubernetes-models/keda/keda.sh/v1alpha1/ScaledJob", "ScaledJob"],
  "keda.sh/v1alpha1/TriggerAuthentication": [
    "@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication",
    "TriggerAuthentication",
  ],
};

/** What the two schemas say about one document. */
function* problems(name, document) {
  const kind = `${document?.apiVersion}/${document?.kind}`;
  if (!(kind in MODELS)) {
    yield `${name}: no schema for ${kind}`;
    return;
  }
  const [module, model] = MODELS[kind];
  try {
    new (require(module)[model])(document).validate();
  } catch (error) {
    yield `${name}: ${kind}: ${error.message}`;
  }
  typed.push({ name: `${name}: ${kind}`, module, model, document });
}

const typed = [];

/** Fields that do not exist: excess properties of an object literal of the model's interface. */
function* unknownFields() {
  const source = typed
    .map(({ module, model, document }, i) =>
      [`import type { I${model} as T${i} } from ${JSON.stringify(module)};`,
        `export const d${i}: T${i} = ${JSON.stringify(document)};`].join("\n"))
    .join("\n");
  const path = join(modules, "manifests.ts");
  const options = {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, target: ts.ScriptTarget.ES2020,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) =>
    file === path ? ts.createSourceFile(path, source, options.target) : read(file, ...rest);
  const exists = host.fileExists.bind(host);
  host.fileExists = (file) => file === path || exists(file);
  const program = ts.createProgram([path], options, host);
  for (const found of ts.getPreEmitDiagnostics(program)) {
    const line = found.file ? found.file.getLineAndCharacterOfPosition(found.start).line : 0;
    const text = ts.flattenDiagnosticMessageText(found.messageText, " ");
    yield `${typed[Math.floor(line / 2)]?.name ?? "manifests"}: ${text.slice(0, 300)}`;
  }
}

const API = "am-serve-readonly";
const GATEWAY = "am-serve-gateway";
// The next day's is there before that of the day lets go.
const OVERLAP = ["am-strategy-run-crypto", "am-strategy-ingest-crypto"];

const COMPONENT = "app.kubernetes.io/component";
const ours = (peers) => peers?.length === 1 && peers[0].podSelector?.matchLabels?.["app.kubernetes.io/name"] === "am";
const gateway = (peers) => peers?.length === 1 && peers[0].podSelector?.matchLabels?.[COMPONENT] === GATEWAY;

/** A policy lets in only what asks the API, and our own pods to the gateway; out only what is named by its port. */
function* policyPromises(name, { spec }) {
  const ports = (rules) => (rules ?? []).flatMap((rule) => (rule.ports ?? [{}]).map((one) => [one.port, rule]));
  const component = spec.podSelector?.matchLabels?.[COMPONENT];
  for (const [port, rule] of ports(spec.ingress)) {
    const may = port === "http" && (component === API || (component === GATEWAY && ours(rule.from)));
    if (!may) yield `${name}: lets in ${port ?? "everything"}`;
  }
  for (const [port, rule] of ports(spec.egress))
    if (![53, 5432, 443].includes(port) && !(port === 3000 && gateway(rule.to)))
      yield `${name}: lets out ${port ?? "everything"}`;
}

/** Pods that no policy closes in both directions, and pods that ask no vendor but may. */
function* open(documents) {
  const selects = ({ matchLabels = {}, matchExpressions = [] }, labels) =>
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === "NotIn" && !values.includes(labels[key]));
  const policies = documents.filter(([, document]) => document?.kind === "NetworkPolicy").map(([, { spec }]) => spec);
  for (const [name, document] of documents) {
    const template = templateOf(document);
    if (!template) continue;
    const labels = template.metadata?.labels ?? {};
    const mine = policies.filter((spec) => selects(spec.podSelector, labels));
    for (const type of ["Ingress", "Egress"])
      if (!mine.some((spec) => spec.policyTypes?.includes(type))) yield `${name}: no policy closes ${type}`;
    const vendors = mine.some((spec) => spec.egress?.some((rule) => rule.ports?.some(({ port }) => port === 443)));
    const component = labels["app.kubernetes.io/component"];
    if (vendors === ["am-migrate", API].includes(component)) yield `${name}: vendors ${vendors ? "" : "not "}reached`;
  }
}

const templateOf = (document) =>
  (document?.spec?.jobTemplate?.spec ?? document?.spec?.jobTargetRef ?? document?.spec)?.template;

/** What no schema says and the project promises. */
function* promises(name, document) {
  if (document?.kind === "NetworkPolicy") yield* policyPromises(name, document);
  const spec = document?.spec?.jobTemplate?.spec ?? document?.spec?.jobTargetRef ?? document?.spec;
  const pod = spec?.template?.spec;
  if (!pod) return;
  if (document.kind === "CronJob") {
    const policy = OVERLAP.includes(document.metadata?.name) ? "Allow" : "Forbid";
    if (document.spec.concurrencyPolicy !== policy) yield `${name}: concurrencyPolicy`;
    if (document.spec.timeZone !== "America/New_York") yield `${name}: timeZone`;
  }
  if (document.kind !== "Deployment" && pod.restartPolicy !== "Never") yield `${name}: restartPolicy`;
  if (pod.securityContext?.runAsNonRoot !== true) yield `${name}: runAsNonRoot`;
  for (const container of pod.containers) {
    if (container.securityContext?.readOnlyRootFilesystem !== true) yield `${name}: readOnlyRootFilesystem`;
    if (!container.resources?.limits?.memory) yield `${name}: limits`;
    if (container.env?.some((one) => one.valueFrom?.secretKeyRef)) yield `${name}: a secret in the environment`;
  }
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    if (rule.action === "Ignore" && rule.onExitCodes) yield `${name}: ignores an exit code`;
  }
}

function check(texts) {
  typed.length = 0;
  const found = [];
  const documents = [];
  for (const [name, text] of texts) {
    for (const parsed of yaml.parseAllDocuments(text, { strict: true, uniqueKeys: true })) {
      for (const error of parsed.errors) found.push(`${name}: ${error.message}`);
      const document = parsed.toJS();
      documents.push([name, document]);
      found.push(...problems(name, document), ...promises(name, document));
    }
  }
  found.push(...unknownFields(), ...open(documents));
  return found;
}

function selfTest() {
  const good = `apiVersion: batch/v1
kind: CronJob
metadata: {name: a}
spec:
  schedule: "* * * * *"
  timeZone: America/New_York
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]}
      template:
        metadata: {labels: {app.kubernetes.io/name: am}}
        spec:
          restartPolicy: Never
          securityContext: {runAsNonRoot: true}
          containers:
            - {name: am, image: b, resources: {limits: {memory: 1Mi}}, securityContext: {readOnlyRootFilesystem: true}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: am}}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress: [{ports: [{port: 53, protocol: UDP}, {port: 443}]}]
`;
  const faults = [
    ["schedule: ", "scheduled: ", "schedule"],
    ["image: b", "imaged: b", "imaged"],
    ["concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "concurrencyPolicy"],
    ["America/New_York", "UTC", "timeZone"],
    ["restartPolicy: Never", "restartPolicy: OnFailure", "restartPolicy"],
    ["values: [1]", "values: [x]", "values"],
    ["FailJob", "Ignore", "ignores an exit code"],
    ["kind: CronJob", "kind: CronJab", "no schema"],
    ["memory: 1Mi", "cpu: 1", "limits"],
    ["runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"],
    ["readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"],
    ["ingress: []", "ingress: [{}]", "lets in everything"],
    ["ingress: []", "ingress: [{ports: [{port: http}]}]", "lets in http"],
    ["port: 443", "port: 80", "lets out 80"],
    ["port: 443", "port: 3000", "lets out 3000"],
    ["egress: [{ports", "egress: [{}, {ports", "lets out everything"],
    ["[Ingress, Egress]", "[Egress]", "no policy closes Ingress"],
    ["[Ingress, Egress]", "[Ingress]", "no policy closes Egress"],
    ["{matchLabels: {app.kubernetes.io/name: am}}", "{matchLabels: {app.kubernetes.io/name: b}}", "no policy closes"],
    [", {port: 443}", "", "vendors not reached"],
  ];
  const wrong = check([["good", good]]);
  for (const [from, to, expected] of faults) {
    const found = check([["bad", good.replace(from, to)]]);
    if (!found.some((line) => line.includes(expected))) wrong.push(`self-test: ${to}: expected ${expected}, got ${found}`);
  }
  return wrong;
}

const found = files[0] === "--self-test" ? selfTest() : check(files.map((file) => [file, readFileSync(file, "utf8")]));
for (const line of found) console.log(line);
process.exit(found.length > 0 ? 1 : 0);
