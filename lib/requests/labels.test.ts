import { expect, test } from "vitest";
import { whoWords } from "./labels";

test("who is asked by the rules is told in words, whatever the names hold", () => {
  expect(whoWords(["manager", "role:security"])).toBe("the manager or security");
  expect(whoWords(["owner", "identity-owner"])).toBe("whoever owns it or the owner of the machine");
  expect(whoWords(["group:directory/leads/eu", "person:ann@acme.test"])).toBe(
    "the group leads/eu in directory or ann@acme.test",
  );
});
