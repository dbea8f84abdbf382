import { credentialKindLabels } from "./labels";

const labels: Record<string, string> = credentialKindLabels;

/** What a credential is called: its kind in words, and its name where that says more. */
export function credentialWords({ kind, name }: { kind: string; name: string }): string {
  const label = labels[kind] ?? kind;
  return name === "" || name.toLowerCase() === label.toLowerCase() ? label : `${label} ${name}`;
}
