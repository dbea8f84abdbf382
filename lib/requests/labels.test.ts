import { expect, test } from "vitest";
import { lengthWords, whoWords } from "./labels";

test("who is asked by the rules is told in words, whatever the names hold", () => {
  expect(whoWords(["manager", "role:security"])).toBe("the manager or security");
  expect(whoWords(["owner", "identity-owner"])).toBe("whoever owns it or the owner of the machine");
  expect(whoWords(["group:directory/leads/eu", "person:ann@acme.test"])).toBe(
    "the group leads/eu in directory or ann@acme.test",
  );
});

test("more time is told from new access", () => {
  expect(lengthWords({ extendsGrantId: null, durationSeconds: 3_600 })).toBe("1 h");
  expect(lengthWords({ extendsGrantId: "0198", durationSeconds: 3_600 }, 1_800)).toBe("30 min more");
});
