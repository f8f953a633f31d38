import { appVariables } from "../../common/app.ts";
import { documentsVariables } from "../../common/documents-variables.ts";
import { defineEnv, secretFile, string } from "../../common/env.ts";

/** Environment of the console of documents. */
export const documentsConsoleEnv = defineEnv({
  ...appVariables,
  ...documentsVariables,
  /** Who may log in. */
  CONSOLE_USER: string(),
  /** Path of a file with the password. */
  CONSOLE_PASSWORD_FILE: secretFile(),
  /** Folder with mongo-express in its `node_modules`, where the image has it. */
  MONGO_EXPRESS_FOLDER: string().default("/opt/mongo-express"),
});
