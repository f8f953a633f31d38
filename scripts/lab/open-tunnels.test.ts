import { describe, expect, it } from "vitest";
import type { HostForwards } from "./host-forwards.ts";
import { OpenTunnels } from "./open-tunnels.ts";

const host = (name: string, ...ports: readonly number[]): HostForwards => ({
  host: name,
  connection: { address: name, port: 22, user: "lab" },
  forwards: ports.map((port) => ({ service: "s", port, address: "127.0.0.1", remotePort: port })),
});

/** What is opened and ended, in order. */
function recorded() {
  const seen: string[] = [];
  const tunnels = new OpenTunnels(async ({ host: name, forwards }, signal) => {
    seen.push(`open ${name} ${forwards.map(({ port }) => port).join(",")}`);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    seen.push(`end ${name}`);
  });
  return { seen, tunnels };
}

describe("OpenTunnels", () => {
  it("opens what is added, ends what is gone, and leaves the rest as it is", async () => {
    const { seen, tunnels } = recorded();
    await tunnels.follow([host("a", 1), host("b", 2), host("c", 3)]);
    seen.length = 0;
    await tunnels.follow([host("a", 1), host("b", 2, 4), host("d", 5)]);
    expect(seen).toEqual(["end b", "end c", "open b 2,4", "open d 5"]);
    seen.length = 0;
    await tunnels.follow([]);
    expect(seen).toEqual(["end a", "end b", "end d"]);
  });

  it("tells of a way that fails for good", async () => {
    const tunnels = new OpenTunnels(async () => {
      throw new Error("refused");
    });
    await tunnels.follow([host("a", 1)]);
    await expect(tunnels.failed).rejects.toThrow("refused");
  });
});
