import { request } from "node:http";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { ToolchainError } from "../toolchain/errors.ts";
import type { Env } from "../toolchain/run.ts";

/**
 * One call of the Docker engine's API, for what the docker command shows rounded or cut off. It goes through the
 * command, which knows the way to the engine and may have to log in there.
 *
 * @throws ToolchainError with what the command or the engine said
 */
export async function engineApi(env: Env, method: "GET" | "POST", path: string): Promise<unknown> {
  const command = execa("docker", ["system", "dial-stdio"], {
    env,
    extendEnv: false,
    reject: false,
    killSignal: "SIGKILL",
  });
  try {
    const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const call = request(
        { method, path, headers: { host: "docker" }, createConnection: () => command.duplex() },
        (response) => {
          const status = response.statusCode ?? 0;
          text(response).then((body) => resolve({ status, body }), reject);
        },
      );
      call.once("error", reject);
      call.end();
    });
    if (status >= 400) throw new Error(`answered ${status}: ${body.trim()}`);
    return JSON.parse(body);
  } catch (error) {
    command.kill();
    const said = (await command).stderr.trim();
    const what = error instanceof Error ? error.message : String(error);
    throw new ToolchainError(`Docker's ${method} ${path.split("?")[0]}: ${said || what}`, "./scripts/doctor");
  } finally {
    command.kill();
  }
}
