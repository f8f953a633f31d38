/** What Docker runs as the health check of an app's container: exit code 0 when the app says that it works. */
const port = process.env.HTTP_PORT ?? "8080";
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
console.log(await answer.text());
process.exitCode = answer.ok ? 0 : 1;

export {};
