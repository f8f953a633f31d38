import { integer, secretFile, string } from "./env.ts";

/** The port that the document store listens on. */
export const documentsPort = 27_017;

/** Variables of every app that uses the document store. */
export const documentsVariables = {
  DOCUMENTS_HOST: string(),
  DOCUMENTS_PORT: integer({ min: 1, max: 65_535 }).default(documentsPort),
  DOCUMENTS_DB: string(),
  DOCUMENTS_USER: string(),
  /** Path of a file with the password. */
  DOCUMENTS_PASSWORD_FILE: secretFile(),
};
