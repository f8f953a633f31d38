import { documentsConsoleEnv } from "../../apps/consoles/documents/env.ts";
import type { Found } from "../config/found.ts";
import type { CoreConfig, CoreKey } from "../config/schema.ts";
import { appImage, nodeImage, pulledImage, systemImage } from "./images.ts";
import { type ServicePlan, type StoreName, storesOf } from "./parts.ts";
import type { PipelinePart } from "./services.ts";

/** Group of the services that the operator looks at the lab's data with. */
const consoles = "consoles";

/** Whether the lab has Kafka UI. */
export function hasKafkaUi({ kafka }: Pick<CoreConfig, "kafka">, { pulled }: Found): boolean {
  return kafka.ui === "on" || (kafka.ui === "auto" && pulled.has("kafka-ui"));
}

/** Pages that show what Kafka and the document store have, as one more part of the lab; none where there is none to show. */
export function consolePart(
  core: CoreConfig,
  pipelines: readonly PipelinePart[],
  found: Found,
): readonly PipelinePart[] {
  const used = new Set<StoreName>(
    pipelines.flatMap(({ plan }) => plan.services.flatMap(({ uses }) => storesOf(uses))),
  );
  const services = [
    ...(used.has("documents") && core.documents.ui ? [mongoExpress(core)] : []),
    ...(hasKafkaUi(core, found) ? [kafkaUi(core)] : []),
  ];
  if (services.length === 0) return [];
  return [
    {
      name: consoles,
      plan: {
        topics: [],
        services,
        outputs: (at) => Object.fromEntries(services.map(({ name }) => [outputOf[name], at.login(name)])),
        hints: () =>
          services.map(({ name }) => ({
            output: outputOf[name] ?? "",
            run: 'xdg-open "{output}"',
            here: true,
          })),
      },
    },
  ];
}

/** Stack output with the URL of each. */
const outputOf: Readonly<Record<string, string>> = {
  "mongo-express": "mongoExpressUrl",
  "kafka-ui": "kafkaUiUrl",
};

function mongoExpress({ documents }: CoreConfig): ServicePlan<CoreKey> {
  const { user, uiPort, uiMemoryMB } = documents;
  return {
    name: "mongo-express",
    role: "mongo-express",
    image: appImage("consoles-documents", systemImage("mongo-express", nodeImage)),
    memory: { MB: uiMemoryMB, key: "documents.uiMemoryMB", least: 128 },
    http: { port: uiPort, key: "documents.uiPort" },
    uses: { stores: ["documents"] },
    login: { user, file: "mongo-express-password" },
    env: (at) =>
      documentsConsoleEnv.format({
        ...at.http,
        ...at.documents(),
        CONSOLE_USER: user,
        CONSOLE_PASSWORD_FILE: at.secret("mongo-express-password"),
      }),
  };
}

/** What Spring, which Kafka UI is made with, takes its user's password from: a file of the property's name. */
const kafkaUiPassword = "spring.security.user.password";

function kafkaUi({ kafka }: CoreConfig): ServicePlan<CoreKey> {
  const { uiUser: user, uiPort, uiMemoryMB } = kafka;
  return {
    name: "kafka-ui",
    role: "kafka-ui",
    image: pulledImage("kafka-ui"),
    memory: { MB: uiMemoryMB, key: "kafka.uiMemoryMB", least: 384 },
    http: { port: uiPort, key: "kafka.uiPort" },
    uses: { kafka: "all" },
    login: { user, file: kafkaUiPassword },
    env: ({ bootstrapServers, http, secret }) => ({
      SERVER_ADDRESS: http.HTTP_HOST,
      SERVER_PORT: String(http.HTTP_PORT),
      AUTH_TYPE: "LOGIN_FORM",
      SPRING_SECURITY_USER_NAME: user,
      SPRING_CONFIG_IMPORT: `configtree:${secret("")}`,
      KAFKA_CLUSTERS_0_NAME: "edgelab",
      KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: bootstrapServers.join(","),
      DYNAMIC_CONFIG_ENABLED: "false",
    }),
  };
}
