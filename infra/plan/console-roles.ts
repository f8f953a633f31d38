/** Roles of the pages that show what Kafka and the stores have. */
export const consoleRoles = ["mongo-express", "kafka-ui"] as const;
