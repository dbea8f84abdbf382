/** How the record names a run. */
export function targetOf({ id, number, name }: { id: string; number: bigint | number; name: string }) {
  return { type: "offboarding", id, name: `O-${number} ${name}` };
}
