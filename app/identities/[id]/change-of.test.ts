import { expect, test } from "vitest";
import { changeOf, type Values } from "./change-of";

const values: Values = {
  owner: { id: "1", name: "Anna" },
  backupOwner: null,
  purpose: "Nightly export",
  environment: "production",
  criticality: "",
  kind: "bot",
};

test("only what was changed is written, and what was emptied is taken away", () => {
  expect(changeOf(values, values)).toEqual({});
  expect(changeOf(values, { ...values, purpose: " Nightly export " })).toEqual({});
  expect(
    changeOf(values, { ...values, owner: null, backupOwner: { id: "2", name: "Bob" }, purpose: " ", kind: "workload" }),
  ).toEqual({
    ownerId: null,
    backupOwnerId: "2",
    purpose: null,
    kind: "workload",
  });
  expect(changeOf(values, { ...values, environment: "", criticality: "high" })).toEqual({
    environment: null,
    criticality: "high",
  });
});
