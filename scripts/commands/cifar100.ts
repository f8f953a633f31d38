import { join } from "node:path";
import { officialSha256 } from "../../apps/classification/producer/archive.ts";
import { fetchCifar100 } from "../toolchain/cifar100-archive.ts";
import { readArguments } from "../toolchain/command-line.ts";
import { createContext } from "../toolchain/context.ts";
import { runMain } from "../toolchain/errors.ts";

const USAGE = "./scripts/cifar100   (takes no arguments)";
const PUBLISHED = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz";

await runMain(async () => {
  readArguments(process.argv.slice(2), {}, { usage: USAGE });
  const { env, project, progress } = createContext();
  // In the checkout, because images are built from folders of it.
  const folder = join(project, "images/cifar-100");
  const url = env.EDGELAB_CIFAR100_URL || PUBLISHED;
  const how = await progress.step("downloading CIFAR-100 (161 MB)", () =>
    fetchCifar100(folder, url, officialSha256),
  );
  process.stdout.write(
    `CIFAR-100 is ${how === "there" ? "there already" : "downloaded"}, its checksum is right. Use it:\n` +
      `  ./scripts/pulumi config set classification.dataset .edgelab/images/cifar-100 && ./scripts/up\n`,
  );
  return 0;
});
