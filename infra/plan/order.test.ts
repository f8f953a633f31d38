import { describe, expect, it } from "vitest";
import { startOrder } from "./order.ts";

const service = (name: string, ...services: string[]) => ({ name, uses: { services } });
const order = (...services: ReturnType<typeof service>[]) => startOrder(services).map(({ name }) => name);

describe("startOrder", () => {
  it("has each service after those it uses, and the others as they were", () => {
    expect(order(service("a", "c"), service("b"), service("c"))).toEqual(["c", "a", "b"]);
  });

  it("refuses a circle and a service that is not there", () => {
    expect(() => order(service("a", "b"), service("b", "a"))).toThrow("a → b → a");
    expect(() => order(service("a", "b"))).toThrow("a uses b, which is not planned");
  });
});
