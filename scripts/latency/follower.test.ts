import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Follower, type Page } from "./follower.ts";

interface Numbers extends Page {
  readonly items: readonly number[];
}

/** An app with a ring of `kept` numbered items, as the producers and classifiers have. */
async function app(kept: number) {
  const state = { run: "first", next: 0 };
  const server = createServer((request, response) => {
    const since = Number(new URL(request.url ?? "", "http://app").searchParams.get("since"));
    const from = Math.min(state.next, Math.max(since, state.next - kept, 0));
    const items = Array.from({ length: state.next - from }, (_, i) => from + i);
    response.end(JSON.stringify({ run: state.run, nowUs: 1_000_000, from, next: state.next, items }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/items`;
  const seen: number[] = [];
  const follower = (onRestart: "fail" | "follow") =>
    new Follower<Numbers>({ url, onRestart, onPage: ({ items }) => seen.push(...items) });
  return { state, seen, follower };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe("Follower", () => {
  it("passes each item that is new since its beginning on exactly once", async () => {
    const { state, seen, follower } = await app(10);
    state.next = 5;
    const one = follower("fail");
    await one.begin();
    state.next = 7;
    await Promise.all([one.poll(), one.poll()]);
    state.next = 9;
    await one.poll();
    expect(seen).toEqual([5, 6, 7, 8]);
  });

  it("carries the app's clock on between answers", async () => {
    const { follower } = await app(10);
    const one = follower("fail");
    await one.begin();
    const first = one.nowUs;
    await new Promise((resolve) => setImmediate(resolve));
    expect(first).toBeGreaterThanOrEqual(1_000_000);
    expect(one.nowUs).toBeGreaterThan(first);
  });

  it("fails rather than pass over items that were overwritten", async () => {
    const { state, follower } = await app(10);
    const one = follower("fail");
    await one.begin();
    state.next = 25;
    await expect(one.poll()).rejects.toThrow("15 items were overwritten before they were read");
  });

  it("fails when the app was restarted, or follows it from its beginning", async () => {
    const { state, seen, follower } = await app(10);
    const [strict, lenient] = [follower("fail"), follower("follow")];
    state.next = 3;
    await Promise.all([strict.begin(), lenient.begin()]);
    state.run = "second";
    state.next = 2;
    await expect(strict.poll()).rejects.toThrow("restarted while it was measured (run first, now second)");
    await lenient.poll();
    await lenient.poll();
    expect(seen).toEqual([0, 1]);
  });

  it("ends when it is told to", async () => {
    const { follower } = await app(10);
    const one = follower("fail");
    await one.begin();
    const ending = new AbortController();
    const following = one.follow(ending.signal);
    ending.abort();
    await expect(following).resolves.toBeUndefined();
  });
});
