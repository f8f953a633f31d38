import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDocuments } from "../../common/documents.ts";
import { startDocuments, type TestDocuments } from "../../common/testing/documents.ts";
import { loginCheck } from "./login.ts";
import { mongoExpress } from "./mongo-express.ts";

const folder = join(import.meta.dirname, "../../../images/mongo-express/stage");
const basic = (login: string) => ({
  headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` },
});

describe("the login", () => {
  const isLoggedIn = loginCheck({ user: "edgelab", password: "sécret:with colon" });

  it("lets its user in, whose password may have any characters", () => {
    expect(isLoggedIn(basic("edgelab:sécret:with colon"))).toBe(true);
  });

  it.each([
    ["nothing", { headers: {} }],
    ["another password", basic("edgelab:secret")],
    ["another user", basic("admin:sécret:with colon")],
    ["no user", basic("sécret:with colon")],
    ["another way to log in", { headers: { authorization: "Bearer edgelab:sécret:with colon" } }],
    ["what is no base64", { headers: { authorization: "Basic edgelab:sécret" } }],
  ])("refuses %s", (_, request) => expect(isLoggedIn(request)).toBe(false));
});

describe("mongo-express", () => {
  let store: TestDocuments;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    store = await startDocuments();
    const documents = openDocuments(store.at);
    await documents.insertNew("readings", [{ _id: "one", sensor: "gate <b>1</b>", value: 42.5 }]);
    await documents.close();
    server = createServer(await mongoExpress({ folder, ...store.at }));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server?.close();
    await store?.close();
  });

  const page = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };

  it("shows the collections of the database", async () => {
    const { status, text } = await page("/db/edgelab/");
    expect(status).toBe(200);
    expect(text).toContain("readings");
  });

  it("shows documents, and runs nothing that is in them", async () => {
    const { status, text } = await page("/db/edgelab/readings");
    expect(status).toBe(200);
    expect(text).toContain("42.5");
    expect(text).not.toContain("<b>1</b>");
  });

  it("gives browsers what the pages load", async () => {
    const { text } = await page("/");
    const loaded = [...text.matchAll(/(?:src|href)="([^"]*public\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(loaded.length).toBeGreaterThan(3);
    for (const path of loaded) expect((await page(path)).status, path).toBe(200);
  });

  it("prints no password when the store refuses it", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(mongoExpress({ folder, ...store.at, password: "not-the-one" })).rejects.toThrow(/auth/i);
    expect(printed.mock.calls.flat().map(String).join("\n")).not.toContain("not-the-one");
    printed.mockRestore();
  });
});
