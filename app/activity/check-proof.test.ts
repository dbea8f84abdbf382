import fc from "fast-check";
import { expect, test } from "vitest";
import { hashLeaf, hashOfRange, inclusionRanges, rootOver } from "@/lib/audit/merkle";
import { checkpointText, newKeyPair, signNote, verifierKey } from "@/lib/audit/note";
import { checkPath, checkSignature } from "./check-proof";

const { publicKey, privateKey } = newKeyPair();
const key = { name: "log.example/record", publicKey };

function proofOf(index: number, size: number) {
  const leaves = Array.from({ length: size }, (_, n) => `{"id":"${n}","name":"é 😀"}`);
  const hashes = leaves.map((leaf) => hashLeaf(leaf));
  const hashOf = ({ place }: { place: number }) => hashes[place] ?? Buffer.alloc(32);
  const path = inclusionRanges(index, size).map((range) => hashOfRange(range, hashOf).toString("base64"));
  const root = rootOver(hashes);
  const note = signNote(checkpointText({ origin: key.name, size, root }), key, privateKey);
  return { leaf: leaves[index] ?? "", index, size, path, note };
}

// Below 256 leaves a unit is a leaf.
const place = fc.integer({ min: 1, max: 200 }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));

test("a browser finds every proof of a log of any size good, and none that was touched", async () => {
  await fc.assert(
    fc.asyncProperty(place, fc.nat(), async ([index, size], pick) => {
      const proof = proofOf(index, size);
      expect(await checkPath(proof)).toBe("holds");
      expect(await checkPath({ ...proof, leaf: `${proof.leaf} ` })).toBe("broken");
      expect(await checkPath({ ...proof, size: size + 1 })).toBe("broken");
      expect(await checkPath({ ...proof, path: [...proof.path, Buffer.alloc(32).toString("base64")] })).toBe("broken");
      if (proof.path.length === 0) return;
      const at = pick % proof.path.length;
      const touched = proof.path.map((hash, n) => (n === at ? Buffer.alloc(32, 7).toString("base64") : hash));
      expect(await checkPath({ ...proof, path: touched })).toBe("broken");
      expect(await checkPath({ ...proof, path: proof.path.slice(1) })).toBe("broken");
    }),
    { numRuns: 60 },
  );
});

test("a checkpoint is good by the log's key only, and only as it was signed", async () => {
  const { note } = proofOf(3, 7);
  const stranger = verifierKey({ name: key.name, publicKey: newKeyPair().publicKey });
  const keys = [stranger, verifierKey(key)];
  expect(await checkSignature(note, keys)).toBe("holds");
  expect(await checkSignature(note.replace("\n7\n", "\n8\n"), keys)).toBe("broken");
  expect(await checkSignature(note, [stranger])).toBe("broken");
  expect(await checkSignature(note, [])).toBe("broken");
});
