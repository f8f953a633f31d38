import { integer, secretFile, string } from "./env.ts";

/** The port that PostgreSQL listens on. */
export const postgresPort = 5432;

/** Variables of every app that uses PostgreSQL. */
export const postgresVariables = {
  POSTGRES_HOST: string(),
  POSTGRES_PORT: integer({ min: 1, max: 65_535 }).default(postgresPort),
  POSTGRES_DB: string(),
  POSTGRES_USER: string(),
  /** Path of a file with the password. */
  POSTGRES_PASSWORD_FILE: secretFile(),
};
