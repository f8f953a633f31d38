import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchCifar100 } from "./cifar100-archive.ts";
import { createContext } from "./context.ts";
import { checksumOf, downloadVerified } from "./download.ts";
import { Network } from "./network.ts";
import { download, findPulumi } from "./parts/pulumi.ts";
import { PULUMI_VERSION } from "./versions.ts";

let folder = "";
let base = "";
let server: Server;
/** What the server gives, by path. */
const files = new Map<string, Buffer>();
const asked: string[] = [];
const archive = `pulumi-v${PULUMI_VERSION}-linux-${process.arch}.tar.gz`;
const checksums = `/pulumi-${PULUMI_VERSION}-checksums.txt`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelab-download-"));
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const body = files.get(request.url ?? "");
    response.writeHead(body === undefined ? 404 : 200).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  // A release as the official one is laid out: pulumi/pulumi and its language host.
  await mkdir(join(folder, "pulumi"));
  await writeFile(join(folder, "pulumi/pulumi"), `#!/bin/sh\necho v${PULUMI_VERSION}\n`);
  await chmod(join(folder, "pulumi/pulumi"), 0o755);
  await promisify(execFile)("tar", ["-czf", join(folder, archive), "-C", folder, "pulumi"]);
  files.set(`/${archive}`, await readFile(join(folder, archive)));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function contextIn(cache: string) {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: folder,
    EDGELAB_CACHE: join(folder, cache),
    EDGELAB_PULUMI_URL: base,
  };
  return createContext(env);
}

function serveChecksum(of: Buffer): void {
  files.set(checksums, Buffer.from(`${"0".repeat(64)}  something-else.zip\n${sha256(of)}  ${archive}\n`));
}

describe("the official download of Pulumi", () => {
  it("is verified, unpacked and then found", async () => {
    serveChecksum(files.get(`/${archive}`) ?? Buffer.alloc(0));
    const context = contextIn("good");
    expect((await findPulumi(context)).cli).toBeUndefined();
    expect(await download(context)).toBe(true);
    expect((await findPulumi(context)).cli).toMatchObject({
      version: `v${PULUMI_VERSION}`,
      source: "official download",
    });
  });

  it("is refused, and nothing of it kept, when its checksum differs", async () => {
    serveChecksum(Buffer.from("another release"));
    const context = contextIn("damaged");
    await expect(download(context)).rejects.toThrow(/is damaged: its SHA-256 is/);
    expect((await findPulumi(context)).cli).toBeUndefined();
  });

  it("is given up, and that remembered, where the server does not have it", async () => {
    files.delete(checksums);
    const context = contextIn("absent");
    expect(await download(context)).toBe(false);
    asked.length = 0;
    expect(await download(context)).toBe(false);
    expect(asked).toEqual([]);
  });
});

describe("downloadVerified", () => {
  const nothing = "";

  it("names the address and the reason when nothing listens there", async () => {
    const gone = downloadVerified("http://127.0.0.1:1/x", join(folder, "x"), nothing);
    await expect(gone).rejects.toThrow(/cannot download http:\/\/127.0.0.1:1\/x/);
  });

  it("names the status when the file is not there", async () => {
    await expect(downloadVerified(`${base}/nothing`, join(folder, "x"), nothing)).rejects.toThrow("HTTP 404");
  });
});

describe("checksumOf", () => {
  it("does not take another file's line", () => {
    const text = `${"a".repeat(64)}  x.tar.gz.sig\n${"B".repeat(64)} *x.tar.gz\n`;
    expect(checksumOf(text, "x.tar.gz")).toBe("b".repeat(64));
    expect(() => checksumOf(text, "y.tar.gz")).toThrow("does not list y.tar.gz");
  });
});

describe("Network", () => {
  it("remembers a refusal for an hour", async () => {
    let now = 1_000_000;
    const network = new Network(join(folder, "memo"), () => now);
    expect(await network.isRefused("example")).toBe(false);
    await network.refuse("example");
    now += 59 * 60_000;
    expect(await network.isRefused("example")).toBe(true);
    expect(await network.isRefused("another")).toBe(false);
    now += 2 * 60_000;
    expect(await network.isRefused("example")).toBe(false);
  });

  it("takes any answer for an answer", async () => {
    const network = new Network(join(folder, "memo-2"));
    expect(await network.answers(`${base}/not-there`)).toBe(true);
    expect(await network.answers("http://127.0.0.1:1/")).toBe(false);
  });
});

describe("fetchCifar100", () => {
  const bytes = Buffer.from("an archive");
  const sum = sha256(bytes);

  it("puts the archive into its folder once, and not again while it is whole", async () => {
    files.set("/cifar.tar.gz", bytes);
    const to = join(folder, "cifar");
    const fetchIt = () => fetchCifar100(to, `${base}/cifar.tar.gz`, sum);
    expect(await fetchIt()).toBe("downloaded");
    expect(await readFile(join(to, "cifar-100-binary.tar.gz"))).toEqual(bytes);
    expect(await fetchIt()).toBe("there");
    await writeFile(join(to, "cifar-100-binary.tar.gz"), "cut");
    expect(await fetchIt()).toBe("downloaded");
  });

  it("keeps nothing of an archive that is another one", async () => {
    files.set("/other.tar.gz", Buffer.from("another"));
    const to = join(folder, "other");
    await expect(fetchCifar100(to, `${base}/other.tar.gz`, sum)).rejects.toThrow(
      /is damaged: its SHA-256 is/,
    );
    expect(await readdir(to)).toEqual([]);
  });
});
