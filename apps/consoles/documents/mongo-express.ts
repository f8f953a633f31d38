import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface MongoExpressOptions {
  /** Folder with the package in its `node_modules`. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** The package's own middleware; it has no types. It connects before it returns. */
type Middleware = (config: object) => Promise<RequestListener>;

/**
 * mongo-express for one database. It logs nobody in by itself, and nothing of what it is asked for. The password is
 * among the driver's options and not in the URL, which it prints when it cannot connect.
 *
 * @throws when the package is not there, or the store does not answer
 */
export function mongoExpress(options: MongoExpressOptions): Promise<RequestListener> {
  const { folder, host, port, database, user, password } = options;
  const load = createRequire(join(folder, "package.json"));
  const middleware: Middleware = load("mongo-express/lib/middleware");
  return middleware({
    mongodb: {
      connectionString: `mongodb://${host}:${port}/${database}?authSource=admin&directConnection=true`,
      connectionOptions: {
        auth: { username: user, password },
        appName: "mongo-express",
        maxPoolSize: 4,
        serverSelectionTimeoutMS: 5000,
      },
      admin: false,
      whitelist: [],
      blacklist: [],
    },
    site: {
      baseUrl: "/",
      cookieKeyName: "mongo-express",
      cookieSecret: randomBytes(24).toString("base64"),
      sessionSecret: randomBytes(24).toString("base64"),
      requestSizeLimit: "50mb",
    },
    useBasicAuth: false,
    options: {
      console: false,
      documentsPerPage: 10,
      editorTheme: "rubyblue",
      maxPropSize: 100_000,
      maxRowSize: 1_000_000,
      collapsibleJSON: true,
      collapsibleJSONDefaultUnfold: 1,
      gridFSEnabled: false,
      confirmDelete: true,
      readOnly: false,
      logger: { skip: () => true },
    },
    defaultKeyNames: {},
  });
}
