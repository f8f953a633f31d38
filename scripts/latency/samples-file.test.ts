import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { columns, readSeries, writeSamples } from "./samples-file.ts";
import { madeWindow, steady } from "./testing/made-window.ts";
import { toSeries } from "./windows.ts";

const file = () => join(mkdtempSync(join(tmpdir(), "samples-")), "samples.csv.gz");

describe("samples.csv.gz", () => {
  it("gives back the very series that it was written from, lost images included", async () => {
    const records = [
      madeWindow([
        ...steady(20, 100, 5.125),
        { atMs: 3000 },
        { atMs: 4000, latencyMs: 11_000, outcome: "late" },
      ]),
      madeWindow(steady(5, 500, 7), { producerCount: 2 }),
      madeWindow(steady(4, 500, 9), { producerCount: 2, repeat: 2 }),
    ];
    const path = file();
    await writeSamples(path, records);
    const series = toSeries(records);
    const overloaded = new Set(series.filter((one) => one.overloaded).map(({ producers }) => producers));
    expect(await readSeries(path, overloaded)).toEqual(series);
  });

  it("quotes labels that have a comma or a quotation mark", async () => {
    const record = madeWindow(steady(1, 100, 5));
    const [producer] = record.producers;
    const [image] = producer?.images ?? [];
    if (producer === undefined || image === undefined) throw new Error("no image was made");
    const path = file();
    const images = [{ ...image, label: 'red, "large"' }];
    await writeSamples(path, [{ ...record, producers: [{ ...producer, images }] }]);
    expect(gunzipSync(readFileSync(path)).toString()).toContain(',"red, ""large""",');
  });

  it("names a file that is missing, is no samples file or is damaged, and the line", async () => {
    await expect(readSeries("/nowhere/samples.csv.gz", new Set())).rejects.toThrow(/ENOENT.*nowhere/);
    const other = file();
    writeFileSync(other, gzipSync("a,b\n1,2\n"));
    await expect(readSeries(other, new Set())).rejects.toThrow("its header is not the expected one");
    writeFileSync(other, gzipSync(`${columns.join(",")}\n1,1,producer-1,0,0,received,zero,5,1\n`));
    await expect(readSeries(other, new Set())).rejects.toThrow("line 2 is not a sample");
    writeFileSync(other, "not gzip");
    await expect(readSeries(other, new Set())).rejects.toThrow("incorrect header check");
  });
});
