import { expect, test } from "vitest";
import { carryRecord } from "../audit/carry-record";
import { pauseDestination, resumeDestination } from "../audit/change-destination";
import { createDestination } from "../audit/create-destination";
import { happen, withDestinations, worker } from "../audit/test-destinations";
import { startReceiver } from "../messages/test-receiver";
import { examineInstallation } from "./examine-installation";

const at = withDestinations();
const record = async () => (await examineInstallation()).find(({ name }) => name === "record");

test("the doctor warns of a destination that is paused, and is content when it goes on", async () => {
  const receiver = await startReceiver({ status: 200 }, { status: 200 });
  at.stops.push(receiver.stop);
  const place = { kind: "webhook", name: "far away", url: receiver.url, allowPrivateHost: true } as const;
  const { id } = await createDestination(worker, place);
  await happen(2);
  await carryRecord(worker);
  expect(await record()).toMatchObject({ state: "good", message: expect.stringContaining("2 anchors") });
  await pauseDestination(worker, { id });
  expect(await record()).toMatchObject({
    state: "warning",
    message: expect.stringMatching(/^far away is paused since \d{4}-\d{2}-\d{2}T/),
    remedy: expect.stringContaining("rollcall audit resume"),
  });
  await resumeDestination(worker, { id });
  expect(await record()).toMatchObject({ state: "good" });
});

test("what fails is worse than what is paused, and what is paused is not said to fail", async () => {
  const receiver = await startReceiver({ status: 500 }, { status: 500 });
  at.stops.push(receiver.stop);
  const place = { kind: "webhook", name: "broken", url: receiver.url, allowPrivateHost: true } as const;
  const { id } = await createDestination(worker, place);
  await happen(1);
  await carryRecord(worker);
  expect(await record()).toMatchObject({ state: "bad", message: expect.stringContaining("broken gets nothing") });
  await pauseDestination(worker, { id });
  expect(await record()).toMatchObject({ state: "warning", message: expect.stringContaining("broken is paused") });
});

test("without any anchor the doctor says what nobody could see", async () => {
  await happen(1);
  expect(await record()).toMatchObject({ state: "warning", remedy: expect.stringContaining("cut off") });
});
