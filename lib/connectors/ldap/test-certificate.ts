import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** For tests: makes ca.crt, server.crt and server.key for an address in a folder, and gives the text of the authority. */
export function makeCertificate(folder: string, address = "127.0.0.1"): string {
  const run = (...args: string[]) => {
    const done = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`openssl: ${done.stderr}`);
  };
  const key = ["-newkey", "rsa:2048", "-nodes"];
  run("req", "-x509", ...key, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Test authority");
  run("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", `/CN=${address}`);
  writeFileSync(path.join(folder, "names"), `subjectAltName=IP:${address},DNS:localhost`);
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  run("x509", "-req", "-in", "server.csr", ...signed, "-out", "server.crt");
  return readFileSync(path.join(folder, "ca.crt"), "utf8");
}
