import { createServer } from "node:net";
import { AppError } from "../errors";
import { listenerOn } from "./processes";

/** @throws AppError `conflict` that says who holds the port, or why it cannot be had. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const code = await whyNot(host, port);
  if (code === null) return;
  const remedy = `Choose another port: PORT=${port + 1} npm start.`;
  if (code === "EADDRINUSE") {
    const who = listenerOn(port) ?? "another program";
    throw new AppError("conflict", `port ${port} is taken by ${who}`, { remedy: `Stop that, or: ${remedy}` });
  }
  if (code === "EACCES") throw new AppError("invalid", `port ${port} may not be opened by this user`, { remedy });
  throw new AppError("invalid", `HOST ${host} cannot be listened on (${code})`, {
    remedy: "Set HOST to an address of this machine, 0.0.0.0 for all of them, or unset it for 127.0.0.1.",
  });
}

function whyNot(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: { code?: string }) => resolve(error.code ?? "unknown"));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
