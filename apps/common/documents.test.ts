import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDocuments } from "./documents.ts";
import { startDocuments, type TestDocuments } from "./testing/documents.ts";

let server: TestDocuments;
beforeAll(async () => {
  server = await startDocuments();
});
afterAll(() => server.close());

describe("openDocuments", () => {
  it("adds what is not there yet, and leaves what is", async () => {
    const documents = openDocuments(server.at);
    const insert = (...ids: string[]) =>
      documents.insertNew(
        "things",
        ids.map((_id) => ({ _id, by: ids.length })),
      );
    expect(await insert("a", "b")).toBe(2);
    expect(await insert("a", "c", "b", "d", "e")).toBe(3);
    expect(await insert()).toBe(0);
    const all = await documents.collection("things").find().sort({ _id: 1 }).toArray();
    expect(all.map(({ _id, by }) => `${_id}${by}`)).toEqual(["a2", "b2", "c5", "d5", "e5"]);
    await documents.replace("things", [
      { _id: "a", by: 9 },
      { _id: "f", by: 9 },
    ]);
    expect(await documents.collection("things").countDocuments({ by: 9 })).toBe(2);
    await documents.close();
  });

  it("goes on after its server was killed, with all that was there", async () => {
    const documents = openDocuments(server.at);
    await documents.insertNew("kept", [{ _id: "one" }]);
    await server.stop("SIGKILL");
    await expect(documents.check()).rejects.toThrow(/ECONNREFUSED|closed|ended by the other party/);
    await server.start();
    expect(await documents.insertNew("kept", [{ _id: "one" }, { _id: "two" }])).toBe(1);
    await documents.close();
  });

  it.each([
    ["another password", { password: "another" }],
    ["another user", { user: "nobody" }],
  ])("is refused with %s", async (_, other) => {
    const documents = openDocuments({ ...server.at, ...other });
    await expect(documents.check()).rejects.toThrow(/Authentication failed/);
    await documents.close();
  });
});
