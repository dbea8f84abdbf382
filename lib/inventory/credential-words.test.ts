import { expect, test } from "vitest";
import { credentialWords } from "./credential-words";

test.each([
  [{ kind: "password", name: "Password" }, "Password"],
  [{ kind: "access_key", name: "AKIA1" }, "Access key AKIA1"],
  [{ kind: "ssh_key", name: "" }, "SSH key"],
  [{ kind: "something_new", name: "x" }, "something_new x"],
])("%j is called %s", (credential, words) => {
  expect(credentialWords(credential)).toBe(words);
});
