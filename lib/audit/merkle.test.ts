import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  consistencyRanges,
  emptyRoot,
  frontierRanges,
  hashChildren,
  hashLeaf,
  hashOfRange,
  inclusionRanges,
  type Range,
  rootOver,
  type Unit,
} from "./merkle";
import { LogCheck } from "./verify.mjs";

// The tree once more, straight from the definitions of RFC 6962, section 2.1, and its checks from RFC 9162, 2.1.3 and
// 2.1.4: shares no line with what it checks.
const sha = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));
function mth(leaves: Buffer[]): Buffer {
  const [only] = leaves;
  if (!only) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), only);
  const k = split(leaves.length);
  return sha(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

function rootFromInclusion(it: { index: number; size: number; leaf: Buffer; path: Buffer[] }): Buffer | null {
  let [fn, sn, r] = [it.index, it.size - 1, it.leaf];
  for (const p of it.path) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      r = sha(Buffer.of(1), p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else r = sha(Buffer.of(1), r, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? r : null;
}

function isConsistent(it: { first: number; second: number; old: Buffer; new: Buffer; path: Buffer[] }): boolean {
  const path = Number.isInteger(Math.log2(it.first)) ? [it.old, ...it.path] : it.path;
  let [fn, sn] = [it.first - 1, it.second - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [fr, sr] = [path[0] ?? Buffer.of(), path[0] ?? Buffer.of()];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [sha(Buffer.of(1), c, fr), sha(Buffer.of(1), c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else sr = sha(Buffer.of(1), sr, c);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && fr.equals(it.old) && sr.equals(it.new);
}

const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test("the roots are those of the reference vectors of Certificate Transparency (RFC 6962)", () => {
  const leaves = inputs.map((hex) => hashLeaf(Buffer.from(hex, "hex")));
  expect(emptyRoot().toString("hex")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const [n, root] of roots.entries()) {
    expect(rootOver(leaves.slice(0, n + 1)).toString("hex")).toBe(root);
    const follower = new LogCheck({ origin: "x", keys: [] });
    for (const leaf of leaves.slice(0, n + 1)) follower.push(leaf);
    expect(follower.root().toString("hex")).toBe(root);
  }
});

test("the paths are those of the reference vectors", () => {
  const leaves = inputs.map((hex) => hashLeaf(Buffer.from(hex, "hex")));
  const hex = (ranges: Range[]) => ranges.map((range) => hashOver(range, leaves).toString("hex").slice(0, 8));
  expect(hex(inclusionRanges(0, 8))).toEqual(["96a296d2", "5f083f0a", "6b47aaf2"]);
  expect(hex(inclusionRanges(5, 8))).toEqual(["bc1a0643", "ca854ea1", "d37ee418"]);
  expect(hex(inclusionRanges(2, 3))).toEqual(["fac54203"]);
  expect(hex(consistencyRanges(1, 8))).toEqual(["96a296d2", "5f083f0a", "6b47aaf2"]);
  expect(hex(consistencyRanges(6, 8))).toEqual(["0ebc5d34", "ca854ea1", "d37ee418"]);
  expect(hex(consistencyRanges(2, 5))).toEqual(["5f083f0a", "bc1a0643"]);
});

const size = fc.integer({ min: 1, max: 1_500 });
const leavesOf = (n: number) => Array.from({ length: n }, (_, i) => Buffer.from(`leaf ${i}`));
function hashOver(range: Range, hashes: Buffer[]): Buffer {
  return hashOfRange(range, ({ level, place }: Unit) =>
    rootOver(hashes.slice(place * 256 ** level, (place + 1) * 256 ** level)),
  );
}

test("for trees of any size, roots and both proofs hold before an implementation made from the RFCs alone", () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (n, a, b) => {
      const leaves = leavesOf(n);
      const hashes = leaves.map(hashLeaf);
      const root = mth(leaves);
      expect(hashOver({ from: 0, to: n }, hashes)).toEqual(root);
      const index = a % n;
      const path = inclusionRanges(index, n).map((range) => hashOver(range, hashes));
      const leaf = hashes[index] ?? Buffer.of();
      expect(rootFromInclusion({ index, size: n, leaf, path })).toEqual(root);
      const first = 1 + (b % n);
      if (first === n) return;
      const proof = consistencyRanges(first, n).map((range) => hashOver(range, hashes));
      const old = mth(leaves.slice(0, first));
      expect(isConsistent({ first, second: n, old, new: root, path: proof })).toBe(true);
      const other = hashChildren(old, old);
      expect(isConsistent({ first, second: n, old: other, new: root, path: proof })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("a log can be followed on from its frontier alone", () => {
  const hashes = leavesOf(700).map(hashLeaf);
  for (const from of [1, 255, 256, 257, 511, 699]) {
    const frontier = frontierRanges(from).map((range) => hashOver(range, hashes).toString("hex"));
    const follower = new LogCheck({ origin: "x", keys: [], from: from + 1, frontier });
    for (const hash of hashes.slice(from)) follower.push(hash);
    expect(follower.root()).toEqual(hashOver({ from: 0, to: 700 }, hashes));
  }
});
