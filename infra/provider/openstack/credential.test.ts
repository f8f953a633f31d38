import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { findCredential } from "./credential.ts";

const folder = mkdtempSync(join(tmpdir(), "clouds-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment that points to a clouds.yaml with this in it. */
function withClouds(content: unknown): NodeJS.ProcessEnv {
  const file = join(folder, "clouds.yaml");
  writeFileSync(file, typeof content === "string" ? content : stringify(content));
  return { OS_CLIENT_CONFIG_FILE: file };
}

const application = {
  auth_type: "v3applicationcredential",
  auth: {
    auth_url: "https://cloud:5000/v3/",
    application_credential_id: "id",
    application_credential_secret: "secret",
  },
  region_name: "CHI@UC",
  interface: "public",
};
const password = {
  OS_AUTH_URL: "http://127.0.0.1:5000",
  OS_USERNAME: "lab",
  OS_PASSWORD: "hidden",
  OS_PROJECT_NAME: "CHI-edge",
  OS_USER_DOMAIN_NAME: "Default",
};

describe("findCredential", () => {
  it("takes an application credential of the named cloud, which has its project already", () => {
    const env = withClouds({ clouds: { other: {}, chameleon: application } });
    const expected = {
      authUrl: "https://cloud:5000/v3",
      auth: {
        identity: {
          methods: ["application_credential"],
          application_credential: { id: "id", secret: "secret" },
        },
      },
      region: "CHI@UC",
      interface: "public",
      caFile: undefined,
    };
    expect(findCredential("chameleon", env)).toEqual(expected);
    expect(findCredential("", { ...env, OS_CLOUD: "chameleon" })).toEqual(expected);
  });

  it("takes the environment's when no cloud is named", () => {
    expect(findCredential("", { ...password, OS_ENDPOINT_TYPE: "internalURL" })).toMatchObject({
      authUrl: "http://127.0.0.1:5000/v3",
      interface: "internal",
      region: undefined,
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: "lab", password: "hidden", domain: { name: "Default" } } },
        },
        scope: { project: { name: "CHI-edge", domain: { id: "default" } } },
      },
    });
  });

  it("takes a token as it is", () => {
    const { auth } = findCredential("", { OS_AUTH_URL: "http://c/v2.0", OS_TOKEN: "t", OS_PROJECT_ID: "p" });
    expect(auth).toEqual({
      identity: { methods: ["token"], token: { id: "t" } },
      scope: { project: { id: "p" } },
    });
  });

  it.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    ["nothing at all", "", {}, /no OpenStack credential[\s\S]*openstack:cloud.*OS_AUTH_URL/],
    ["a password", "", { OS_AUTH_URL: "http://c" }, /neither an application credential nor a password/],
  ])("says that there is no %s", (_what, cloud, env, message) => {
    expect(() => findCredential(cloud, env)).toThrow(message);
  });

  it("names the clouds that there are when the wanted one is not among them", () => {
    expect(() => findCredential("chi", withClouds({ clouds: { chameleon: application } }))).toThrow(
      /clouds\.yaml has no cloud chi \(it has: chameleon\)/,
    );
  });

  it("names the place of what is not as it should be", () => {
    const env = withClouds({ clouds: { chameleon: { auth: ["auth_url"] } } });
    expect(() => findCredential("chameleon", env)).toThrow(/clouds\.yaml: clouds\.chameleon\.auth: /);
    const without = withClouds({ clouds: { chameleon: { auth: { password: "p" } } } });
    expect(() => findCredential("chameleon", without)).toThrow(/clouds\.yaml: there is no auth_url/);
  });
});
